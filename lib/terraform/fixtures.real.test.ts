import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readPlan } from './model.ts';
import { renderMarkdown, renderText } from './render.ts';
import { sensitiveValues } from './secrets.ts';

const fixtures = join(import.meta.dirname, 'fixtures');

/**
 * Each folder of the fixtures is a configuration as it is when it is planned (after.tf) and, where there is any, as it was
 * applied before (before.tf, then between.tf). What Terraform of today makes of it is shown as the plan that is kept
 * beside; a plan that is missing there is written anew.
 */
test.each(
  (await readdir(fixtures, { withFileTypes: true }))
    .filter(each => each.isDirectory())
    .map(({ name }) => name),
)('Terraform plans %s as it did when its plan was kept', async name => {
  const json = await planned(join(fixtures, name));
  const file = join(fixtures, `${name}.json`);
  await writeFile(file, pretty(json), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const plan = readPlan(json);
  const view = { plan, name: 'staging', secrets: sensitiveValues(plan) };
  await expect(renderMarkdown(view, 65_536)).toMatchFileSnapshot(join(fixtures, `${name}.md`));
  await expect(`${renderText(view)}\n`).toMatchFileSnapshot(join(fixtures, `${name}.txt`));
});

/** The JSON of a plan, with what is different each time made the same. */
async function planned(configuration: string): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'slipway-'));
  const terraform = async (...args: string[]) =>
    (
      await promisify(execFile)('terraform', args, {
        cwd,
        env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' },
      })
    ).stdout;
  try {
    const files = await readdir(configuration);
    for (const module of files.filter(file => !file.endsWith('.tf')))
      await cp(join(configuration, module), join(cwd, module), { recursive: true });
    for (const stage of ['before.tf', 'between.tf', 'after.tf'].filter(file => files.includes(file))) {
      await cp(join(configuration, stage), join(cwd, 'main.tf'));
      await terraform('init', '-input=false');
      if (stage === 'after.tf') break;
      // Some fail, and are meant to: that is how a resource becomes tainted.
      await terraform('apply', '-input=false', '-auto-approve').catch(() => {});
    }
    await terraform('plan', '-input=false', '-out=plan', '-generate-config-out=generated.tf');
    return steady(await terraform('show', '-json', 'plan'));
  } finally {
    await rm(cwd, { recursive: true });
  }
}

/** Each number as it is written: some are too long for JavaScript's. */
function pretty(json: string): string {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  const exact = (_: string, value: unknown, { source = '' }: { source?: string } = {}) =>
    typeof value === 'number' ? rawJSON(source) : value;
  return `${JSON.stringify(JSON.parse(json, exact), null, 2)}\n`;
}

/** The same ids, times and versions in each run. */
function steady(json: string): string {
  const ids = new Map<string, string>();
  const nth = (id: string, length: number) => {
    const known = ids.get(id) ?? String(ids.size + 1).padStart(length, '0');
    ids.set(id, known);
    return known;
  };
  return json
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, id => `00000000-0000-4000-8000-${nth(id, 12)}`)
    .replace(/(?<="deposed":")[0-9a-f]{8}/g, id => nth(id, 8))
    .replace(/(?<="timestamp":")[^"]*/g, '2026-11-26T12:00:00Z')
    .replace(/(?<="terraform_version":")[^"]*/g, '1.11.4');
}
