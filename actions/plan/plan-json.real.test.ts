import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { type TestHub, testHub } from '../../sandbox/github/testing.ts';
import { runAction } from '../../sandbox/runner.ts';

/* A plan that somebody else's step has made: no Exoscale, no platform.yaml, and after that no Terraform. */

const secret = 'correct-horse-battery';
const configuration = (count: number) => `
variable "token" {
  sensitive = true
  default   = "${secret}"
}
resource "terraform_data" "many" {
  count            = ${count}
  input            = "before"
  triggers_replace = var.token
}
resource "terraform_data" "copy" {
  input = nonsensitive(var.token)
}
`;

let hub: TestHub;
let egress: Egress;
let folder: string;
beforeAll(async () => {
  hub = await testHub();
  egress = await openEgress(hub.run, [{ host: 'api.github.com', target: hub.server.url }]);
  folder = join(hub.run.folder, 'elsewhere');
  await mkdir(folder);
  await terraform(3, 'apply', '-auto-approve');
  await terraform(1, 'plan', '-out=saved');
  await writeFile(join(folder, 'plan.json'), await terraform(1, 'show', '-json', 'saved'));
});
afterAll(async () => {
  await egress?.close();
  await hub?.[Symbol.asyncDispose]();
});

async function terraform(count: number, ...args: string[]): Promise<string> {
  await writeFile(join(folder, 'main.tf'), configuration(count));
  const run = (command: string[]) =>
    promisify(execFile)('terraform', command, { cwd: folder, env: hub.run.environment() });
  await run(['init', '-input=false']);
  return (await run(args)).stdout;
}

type Step = Parameters<typeof runAction>[0];
const step = (inputs: Record<string, string>, github: Step['github'] = {}) =>
  runAction({
    ...{ action: 'plan', cwd: folder, github },
    // Nothing but Node is on the PATH.
    env: { ...hub.run.environment(), ...egress.environment, PATH: '/nowhere' },
    inputs: { 'plan-json': 'plan.json', ...inputs },
  });

test('it is shown, counted and commented, and nothing but the comment is asked of anybody', async () => {
  const { slug, issue_number, head, list } = await hub.withPull('foreign');
  const from = hub.server.requests.length;
  const { code, log, outputs, summary, annotations } = await step(
    { environment: 'EU @prod', 'github-token': hub.server.token('github-actions[bot]') },
    {
      ...{ repository: slug, event: 'pull_request', runId: '5' },
      payload: { pull_request: { number: issue_number, head: { sha: head } } },
    },
  );
  const asked = hub.server.requests.slice(from).map(({ method, url }) => `${method} ${url}`);
  expect(code, log).toBe(0);
  expect(outputs).toMatchObject({ changes: 'true', destroy: '2', create: '0' });
  expect(new Set(asked)).toEqual(new Set(['POST /graphql']));
  const [only, ...others] = await list();
  expect(others).toEqual([]);
  expect(only?.body).toContain('2 to destroy');
  expect(only?.body).toContain('- terraform_data.many[1]');
  expect(only?.body).toContain(
    `commit ${head.slice(0, 7)} · [the run](https://github.com/${slug}/actions/runs/5)`,
  );
  expect(only?.body).not.toContain('slipway:data');
  expect(log).toContain('> [!CAUTION]\n> **This destroys 2 resources**');
  expect(summary).toContain('- terraform_data.many[1]');
  for (const shown of [only?.body, summary, log, JSON.stringify(outputs)])
    expect(shown).not.toContain(secret);
  expect(annotations).toEqual([]);
  expect(hub.server.complaints).toEqual([]);
  expect(egress.refused).toEqual([]);
});

test('npm starts in its own folder, and the file is meant from where one stands', async () => {
  const root = join(import.meta.dirname, '../..');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['scripts/slipway.ts', 'plan', '--plan-json', 'plan.json'],
    { cwd: root, env: { ...hub.run.environment(), INIT_CWD: folder, PATH: '/nowhere' } },
  );
  expect(stdout).toMatch(/^### Terraform: 0 to create/);
});

test('in a terminal the text of the comment is printed, and no pull request is needed', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, '../../scripts/slipway.ts'), 'plan', '--plan-json', 'plan.json'],
    { cwd: folder, env: { ...hub.run.environment(), PATH: '/nowhere' } },
  );
  expect(stdout).toMatch(
    /^### Terraform: 0 to create, .* 2 to destroy\n\n> \[!CAUTION\]\n[\s\S]*<\/details>\n/,
  );
  expect(stdout).toContain('destroy: 2\n');
  expect(stdout).not.toContain('<!-- slipway');
  expect(stdout).not.toContain(secret);
});

test.each([
  [
    'rules of the inputs',
    { protect: 'terraform_data.copy\n terraform_data.many[1]', 'max-destroys': '1' },
    undefined,
    2,
  ],
  ['a limit that is kept', { 'max-destroys': '2' }, undefined, 0],
  ['rules of platform.yaml', { environment: 'production' }, 'protect: ["terraform_data.many[2]"]', 1],
  [
    'platform.yaml without this environment',
    { environment: 'elsewhere' },
    'protect: ["terraform_data.many[2]"]',
    0,
  ],
])('%s: %j', async (name, inputs, rule, broken) => {
  if (rule) {
    const platform = await readFile(join(import.meta.dirname, '../../platform.yaml'), 'utf8');
    await writeFile(join(folder, 'rules.yaml'), platform.replace(/^ {2}production:\n/m, `$&    ${rule}\n`));
  }
  const { code, annotations, log, summary } = await step({
    ...inputs,
    ...(rule && { platform: 'rules.yaml' }),
  });
  const errors = annotations.filter(({ level }) => level === 'error');
  expect([name, errors.length, code]).toEqual([name, broken, broken > 0 ? 1 : 0]);
  if (broken === 0) return;
  for (const shown of [log, summary]) expect(shown).toContain(`it breaks ${broken} rule`);
  expect(errors.map(({ message }) => message).join()).toContain('terraform_data.many[');
});

test.each([
  [
    'not there',
    'nowhere.json',
    undefined,
    'nowhere.json does not exist: write it with "terraform show -json',
  ],
  ['the saved plan itself', 'saved', undefined, 'give its JSON, which "terraform show -json saved" prints'],
  ['a folder', '.', undefined, '. could not be read (EISDIR)'],
  ['no JSON', 'main.tf', undefined, 'not JSON'],
  [
    'a state',
    'state.json',
    '{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}',
    'of a state',
  ],
  [
    'half a plan',
    'errored.json',
    '{"format_version":"1.2","planned_values":{},"errored":true}',
    'did not come to its end',
  ],
  [
    'the next format',
    'next.json',
    '{"format_version":"2.0","planned_values":{}}',
    'formats 1.x are understood',
  ],
  [
    'a wrapper in front',
    'wrapped.json',
    '[command]/bin/terraform show -json\n{}',
    'set "terraform_wrapper: false" there',
  ],
])('%s is refused in one sentence', async (_, file, content, sentence) => {
  if (content) await writeFile(join(folder, file), content);
  const { code, annotations } = await step({ 'plan-json': file });
  expect(code).toBe(1);
  expect(annotations).toMatchObject([{ level: 'error', message: expect.stringContaining(sentence) }]);
});

test('what PowerShell writes is read as well', async () => {
  const json = await readFile(join(folder, 'plan.json'), 'utf8');
  await writeFile(join(folder, 'utf16.json'), Buffer.from(`\ufeff${json}`, 'utf16le'));
  await writeFile(join(folder, 'marked.json'), `\ufeff${json}`);
  for (const file of ['utf16.json', 'marked.json'])
    expect((await step({ 'plan-json': file })).outputs).toMatchObject({ destroy: '2' });
});

test('a limit that is no number is refused before anything is read', async () => {
  const { code, annotations } = await step({ 'max-destroys': 'few', 'plan-json': 'nowhere.json' });
  expect(code).toBe(1);
  expect(annotations).toEqual([
    { level: 'error', message: 'Input "max-destroys" is "few": write a whole number, 0 or more' },
  ]);
});
