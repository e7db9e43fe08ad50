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
       async post(runner) { runner.info('cleaning up ' + runner.saved('what')) },
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

test('missing inputs are refused before main runs', async () => {
  const { code, stdout } = await start(`runner.info('ran')`, { INPUT_ENVIRONMENT: '' });
  expect(code).toBe(1);
  expect(stdout).toContain('::error::Input "environment" is missing: give the environment\n');
  expect(stdout).not.toContain('ran');
});

test('post runs instead of main when main has run, and knows what was saved', async () => {
  const { stdout } = await start(`runner.info('ran')`, { STATE_post: 'true', STATE_what: 'a file' });
  expect(stdout).toContain('cleaning up a file');
  expect(stdout).not.toContain('ran\n');
});

test('a folder that a killed main left is removed by post', async () => {
  const killed = await start(`await runner.folder(); process.kill(process.pid, 'SIGKILL')`);
  const folders = /\["[^\n]+"\]/.exec(killed.state)?.[0] ?? '';
  expect(JSON.parse(folders)).toHaveLength(1);
  expect((await readdir(folder)).filter(name => name.startsWith('slipway-'))).toHaveLength(1);
  await start('', { STATE_post: 'true', STATE_folders: folders });
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
