import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { childEnvironment, run } from './child.ts';
import { UserError } from './errors.ts';
import { startedAt } from './process.ts';
import { CommandFailed, TimedOut } from './runner.ts';

const node = (script: string, ...args: string[]) => ['-e', script, ...args];

test('arguments arrive as they are, whatever a shell would make of them', async () => {
  const awkward = ['$(id)', '`id`', 'a b', "'", '"', '*', '\n', ';true', ''];
  const { stdout } = await run(
    process.execPath,
    node('console.log(JSON.stringify(process.argv.slice(1)))', ...awkward),
  );
  expect(JSON.parse(stdout)).toEqual(awkward);
});

test('a child sees the allow-listed environment and what it is handed, nothing else', async () => {
  vi.stubEnv('CLOUDFLARE_API_TOKEN', 'do not pass this on');
  try {
    const { stdout } = await run(process.execPath, node('console.log(JSON.stringify(process.env))'), {
      env: { GIVEN: 'yes' },
    });
    const seen = JSON.parse(stdout) as Record<string, string>;
    expect(seen.GIVEN).toBe('yes');
    expect(seen).not.toHaveProperty('CLOUDFLARE_API_TOKEN');
    expect(Object.keys(seen).sort()).toEqual([...Object.keys(childEnvironment(process.env)), 'GIVEN'].sort());
  } finally {
    vi.unstubAllEnvs();
  }
});

test('lines come whole, also when the child writes them in pieces and in the middle of a character', async () => {
  const lines: string[] = [];
  const script = `const b = Buffer.from('grüezi\\nmitenand');
    process.stdout.write(b.subarray(0, 3)); setTimeout(() => process.stdout.write(b.subarray(3)), 50)`;
  const { stdout } = await run(process.execPath, node(script), { onLine: line => lines.push(line) });
  expect(lines).toEqual(['grüezi', 'mitenand']);
  expect(stdout).toBe('grüezi\nmitenand');
});

test('an exit code that was not expected is an error that carries the end of what the child said', async () => {
  const failing = run(process.execPath, node('console.error("no such bucket"); process.exit(3)'));
  await expect(failing).rejects.toThrow(CommandFailed);
  await expect(failing).rejects.toThrow(/exit code 3: no such bucket/);
  await expect(run(process.execPath, node('process.exit(2)'), { expect: [0, 2] })).resolves.toMatchObject({
    code: 2,
  });
});

test.each([
  ['is not installed', 'no-such-command', [], 'The command "no-such-command" was not found: install it'],
  ['is not executable', import.meta.filename, [], /^The command ".*" may not be run: make it executable/],
  [
    'is given too much',
    'true',
    ['x'.repeat(200_000)],
    /^The command "true" is given more than a command takes/,
  ],
  ['is given a NUL byte', 'true', ['a\0'], 'The command "true" is given a NUL byte'],
])('a command that %s is one sentence', async (_, command, args, message) => {
  await expect(run(command, args)).rejects.toThrow(message);
  await expect(run(command, args)).rejects.toMatchObject({ name: 'UserError' });
});

test('a child that takes longer than it may is killed with all that it has started', async () => {
  const lines: string[] = [];
  const script = `
    const { spawn } = require('node:child_process');
    const inner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    process.on('SIGTERM', () => {});
    console.log(inner.pid);`;
  const late = run(process.execPath, node(script), { limit: 2000, onLine: line => lines.push(line) });
  await expect(late).rejects.toThrow(TimedOut);
  await vi.waitFor(() => expect(startedAt(Number(lines[0]))).toBeUndefined());
  await expect(run(process.execPath, node(''), { limit: 60_000 })).resolves.toMatchObject({ code: 0 });
});

test.each([
  ['in its group', 'sleep 30 & echo $!'],
  ['in a session of its own', 'setsid sleep 30 & echo $!'],
])(
  'a child that may take its time is not waited for after its end by what it leaves %s',
  async (_, script) => {
    const limit = 10_000;
    await expect(run('sh', ['-c', script], { limit })).resolves.toMatchObject({ code: 0 });
  },
);

test('a child that never reads its input does not break the writer', async () => {
  await expect(
    run(process.execPath, node('process.exit(0)'), { input: 'x'.repeat(5_000_000) }),
  ).resolves.toMatchObject({ code: 0 });
});

test('what comes from a stream and goes to one passes through in pieces', async () => {
  let bytes = 0;
  const source = Readable.from(
    Array.from({ length: 100 }, () => Buffer.alloc(100_000)),
    { objectMode: false },
  );
  const sink = async (stdout: Readable) => {
    for await (const chunk of stdout) bytes += (chunk as Buffer).length;
  };
  const { stdout } = await run('cat', [], { source, sink });
  expect([bytes, stdout]).toEqual([10_000_000, '']);
});

test('a child is killed when what it is given breaks off, or nobody takes what it writes', async () => {
  const source = Readable.from(
    (async function* () {
      yield Buffer.from('half');
      throw new UserError('the line is down');
    })(),
  );
  await expect(run('cat', [], { source })).rejects.toMatchObject({ finished: { code: 137 } });
  expect(source.errored).toBeInstanceOf(UserError);
  const sink = async () => {
    throw new UserError('the disk is full');
  };
  await expect(run('yes', [], { sink })).rejects.toThrow('the disk is full');
});

// The runner's cancel: SIGINT, then SIGTERM; the child must see one SIGINT and be waited for.
test('exactly one SIGINT is forwarded, a SIGTERM is swallowed, and the child ends in its own time', async () => {
  const child = `let seen = 0;
    process.on('SIGINT', () => { console.log('interrupt', ++seen); setTimeout(() => { console.log('saved'); process.exit(0) }, 400) });
    process.on('SIGTERM', () => console.log('terminated'));
    console.log('ready'); setInterval(() => {}, 1000)`;
  const script = `import { run } from ${JSON.stringify(join(import.meta.dirname, 'child.ts'))};
    await run(process.execPath, ['-e', ${JSON.stringify(child)}], { onLine: line => console.log(line) })
      .catch(error => console.log(error.name + ': ' + error.message, error.finished.code))`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  parent.stdout.on('data', chunk => {
    output += chunk;
    if (output.trim() === 'ready') parent.kill('SIGINT');
    if (output.trim().endsWith('interrupt 1')) {
      parent.kill('SIGINT');
      parent.kill('SIGTERM');
    }
  });
  await once(parent, 'close');
  expect(output.trim().split('\n')).toEqual([
    'ready',
    'interrupt 1',
    'saved',
    expect.stringMatching(/^Interrupted: Stopped on request: .* was interrupted and has ended.* 0$/),
  ]);
});
