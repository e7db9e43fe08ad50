import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/* The entry of an action, started as GitHub's runner starts it, around a `main` made for each test. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-entry-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(main: string, env: Record<string, string> = {}) {
  const file = join(folder, `${Math.random()}.mjs`);
  const from = (name: string) => JSON.stringify(join(import.meta.dirname, name));
  await writeFile(
    file,
    `import { start } from ${from('github.ts')};
     import { UserError, UserErrors } from ${from('errors.ts')};
     await start({
       declaration: {
         name: 'sample', description: '',
         inputs: { environment: { description: 'The environment', required: true }, 'api-token': { description: 'A token' } },
         outputs: { answer: { description: '' } },
       },
       async main(runner, input) { ${main} },
       async post(runner, input) {
         const left = await runner.outlived({ seconds: 2, onLine: line => runner.info('late: ' + line) });
         runner.info(JSON.stringify({ left }));
         if (process.env.CANCEL) {
           for (const signal of ['SIGINT', 'SIGTERM']) process.kill(process.pid, signal);
           await new Promise(resolve => setTimeout(resolve, 50));
         }
         runner.info('cleaning up ' + runner.saved('what') + ' of ' + input.environment);
       },
     });`,
  );
  const files = {
    GITHUB_OUTPUT: `${file}.out`,
    GITHUB_STATE: `${file}.state`,
    GITHUB_STEP_SUMMARY: `${file}.md`,
  };
  await Promise.all(Object.values(files).map(each => writeFile(each, '')));
  return new Promise<{
    code: number;
    stdout: string;
    stderr: string;
    output: string;
    state: string;
    summary: string;
  }>(resolve => {
    const everything = {
      PATH: process.env.PATH,
      ...files,
      RUNNER_TEMP: folder,
      INPUT_ENVIRONMENT: 'staging',
      ...env,
    };
    execFile(process.execPath, [file], { env: everything }, async (error, stdout, stderr) => {
      const read = (path: string) => readFile(path, 'utf8');
      resolve({
        code: error ? Number(error.code) : 0,
        stdout,
        stderr,
        output: await read(files.GITHUB_OUTPUT),
        state: await read(files.GITHUB_STATE),
        summary: await read(files.GITHUB_STEP_SUMMARY),
      });
    });
  });
}

const post = { STATE_post: 'true', STATE_began: 'true' };

/** What the runner makes of the file of `saveState` for `post`: of two with one name the later. */
const saved = (state: string): Record<string, string> =>
  Object.fromEntries(
    [...state.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [
      `STATE_${name}`,
      value ?? '',
    ]),
  );

test('outputs, state and summary arrive in the runner’s files, whatever is in them', async () => {
  const tricky = 'one\\nghadelimiter\\n::error::no';
  const { code, output, state, summary } = await start(
    `runner.save('what', 'a file'); await runner.summary('## Done'); return { answer: '${tricky}' }`,
  );
  expect(code).toBe(0);
  expect(output).toMatch(/^answer<<(ghadelimiter_\S+)\none\nghadelimiter\n::error::no\n\1\n$/);
  expect(state).toContain('a file');
  expect(summary).toBe('## Done\n');
});

test('a secret is masked before anything is done, in each encoding', async () => {
  const { stdout } = await start(`runner.info('working')`, { API_TOKEN: 'correct horse' });
  const [masked, worked] = [stdout.indexOf('::add-mask::correct horse'), stdout.indexOf('working')];
  expect(masked).toBeGreaterThan(0);
  expect(worked).toBeGreaterThan(masked);
  expect(stdout).toContain(`::add-mask::${Buffer.from('correct horse').toString('base64')}`);
});

test('a mistake of the user’s is an annotation at its place, without a stack', async () => {
  const { code, stdout } = await start(
    `throw new UserErrors([new UserError('No such zone', { file: 'platform.yaml', line: 3, column: 9 }), new UserError('No such plan')])`,
  );
  expect(code).toBe(1);
  expect(stdout).toContain('::error file=platform.yaml,line=3,col=9::No such zone\n');
  expect(stdout).toContain('::error::No such plan\n');
  expect(stdout).not.toContain(' at ');
});

test.each([
  'throw new TypeError("x is not a function")',
  'throw "a string"',
  'throw undefined',
  'throw null',
])('a bug of ours (%s) fails the step and says whose it is', async main => {
  const { code, stdout } = await start(main);
  expect(code).toBe(1);
  expect(stdout).toContain('::error::This is a bug in Slipway');
});

test('a folder for temporary files that is not there is one sentence', async () => {
  const { code, stdout } = await start('await runner.folder()', { RUNNER_TEMP: join(folder, 'nowhere') });
  expect(code).toBe(1);
  expect(stdout).toMatch(/::error::\S+nowhere, where temporary files go, is no folder: make it/);
});

test('missing inputs are refused before main runs', async () => {
  const { code, stdout } = await start(`runner.info('ran')`, { INPUT_ENVIRONMENT: '' });
  expect(code).toBe(1);
  expect(stdout).toContain('::error::Input "environment" is missing: give the environment\n');
  expect(stdout).not.toContain('ran');
});

test('post runs instead of main when main has run, and knows what was saved', async () => {
  const { stdout } = await start(`runner.info('ran')`, { ...post, STATE_what: 'a file' });
  expect(stdout).toContain('cleaning up a file of staging');
  expect(stdout).not.toContain('ran\n');
});

test('post has nothing to clean up after a main whose inputs could not be read', async () => {
  const { state } = await start('', { INPUT_ENVIRONMENT: '' });
  expect(saved(state)).toEqual({ STATE_post: 'true' });
  const { code, stdout } = await start('', { INPUT_ENVIRONMENT: '', STATE_post: 'true' });
  expect(code).toBe(0);
  expect(stdout).toBe('');
});

test('an output is there for later steps although the step fails', async () => {
  const { code, output } = await start(`runner.output('answer', 'kept'); throw new UserError('No')`);
  expect(code).toBe(1);
  expect(output).toContain('kept');
});

// Says how many interrupts it has seen, and ends after one, once its parent is gone.
const worker = `let seen = 0; const parent = process.ppid;
  process.on('SIGINT', () => console.log('interrupt ' + ++seen));
  console.log('ready');
  setInterval(() => { if (seen > 0 && process.ppid !== parent) { console.log('saved'); process.exit(1) } }, 200)`;
const runWorker = (onLine: string) =>
  `await runner.run(process.execPath, ['-e', ${JSON.stringify(worker)}], { outlives: true, onLine: line => { runner.info(line); ${onLine} } })`;

test('a child that outlives its killed main is told to stop by post, waited for, and told of', async () => {
  const killed = await start(runWorker(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300)`));
  const after = await start('', saved(killed.state));
  expect(after.stdout).toContain('late: interrupt 1\nlate: saved\n');
  expect(after.stdout).not.toContain('late: ready');
  expect(after.stdout).not.toContain('interrupt 2');
  expect(after.stdout).toContain('"ended":true,"stdout":"ready\\ninterrupt 1\\nsaved\\n"');
});

test('post is not broken off by who cancels once more', async () => {
  const { code, stdout } = await start('', { STATE_post: 'true', STATE_began: 'true', CANCEL: '1' });
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('cleaning up') });
});

test('a child that main has told to stop is not told twice by post', async () => {
  const killed = await start(
    runWorker(
      `if (line === 'ready') process.kill(process.pid, 'SIGINT'); else setTimeout(() => process.kill(process.pid, 'SIGKILL'), 150)`,
    ),
  );
  expect(killed.stdout).toContain('interrupt 1');
  const after = await start('', saved(killed.state));
  expect(after.stdout).toContain('late: saved');
  expect(after.stdout).not.toContain('interrupt 2');
});

test('a stranger that has got the pid of a child that is gone is left alone', async () => {
  const killed = await start(runWorker(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300)`));
  const state = saved(killed.state);
  const child = JSON.parse(state.STATE_child ?? '') as { pid: number; started: string };
  const after = await start('', {
    ...state,
    STATE_child: JSON.stringify({ ...child, started: `${child.started}0` }),
  });
  expect(after.stdout).toContain('"ended":true,"stdout":"ready\\n"');
  expect(() => process.kill(child.pid, 0)).not.toThrow();
  process.kill(child.pid, 'SIGKILL');
  await start('', state);
});

test('a child that does not end in time is left with its folder, and post says that it goes on', async () => {
  const stubborn = worker.replace('process.exit(1)', 'seen');
  const killed = await start(
    runWorker(`setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300)`).replace(
      JSON.stringify(worker),
      JSON.stringify(stubborn),
    ),
  );
  const state = saved(killed.state);
  const { pid, folder: kept } = JSON.parse(state.STATE_child ?? '') as { pid: number; folder: string };
  const after = await start('', state);
  expect(after.stdout).toContain('"ended":false');
  expect(await readdir(kept)).toContain('stdout');
  process.kill(pid, 'SIGKILL');
  await rm(kept, { recursive: true });
});

test('graceful work goes on after a signal, starts no child any more, and is told', async () => {
  const { stdout, code } = await start(`
    await runner.graceful(async () => {
      process.kill(process.pid, 'SIGINT');
      await new Promise(resolve => setTimeout(resolve, 100));
      process.kill(process.pid, 'SIGTERM');
      await new Promise(resolve => setTimeout(resolve, 100));
      runner.info('stop: ' + runner.stop.aborted);
      await runner.run('echo', ['started']).catch(error => runner.info(error.message));
    });
    await runner.run('echo', ['started']);`);
  expect(stdout).toContain('stop: true\nStopped on request: echo started was not started any more\n');
  expect(code).toBe(1);
});

test('a folder that a killed main left is removed by post', async () => {
  const killed = await start(`await runner.folder(); process.kill(process.pid, 'SIGKILL')`);
  const folders = /\["[^\n]+"\]/.exec(killed.state)?.[0] ?? '';
  expect(JSON.parse(folders)).toHaveLength(1);
  expect((await readdir(folder)).filter(name => name.startsWith('slipway-'))).toHaveLength(1);
  await start('', { ...post, STATE_folders: folders });
  expect((await readdir(folder)).filter(name => name.startsWith('slipway-'))).toEqual([]);
});

test('a folder that an action made is gone when it ends, also after a failure', async () => {
  await start(`await runner.folder(); throw new UserError('No')`);
  expect((await readdir(folder)).filter(name => name.startsWith('slipway-'))).toEqual([]);
});

test('foreign text is printed and not obeyed', async () => {
  const { stdout } = await start(`runner.info('  ::add-mask::e\\n::stop-commands::x\\nsee ##[add-mask]e')`);
  expect(stdout).not.toMatch(/^\s*::(add-mask|stop-commands)/m);
  expect(stdout).not.toContain('##[');
  expect(stdout).toContain('add-mask::e');
});
