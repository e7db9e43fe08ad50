import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { manyResources } from '../../lib/terraform/fixtures/many.ts';
import { readPlan } from '../../lib/terraform/model.ts';
import { renderMarkdown } from '../../lib/terraform/render.ts';
import { sensitiveValues } from '../../lib/terraform/secrets.ts';
import type { Benchmark } from '../bench.ts';

const sizes = { '1k': 1_000, '5k': 5_000, '20k': 20_000, '50k': 50_000 };
const rounds = 5;

const work = {
  parse: (json: string) => void JSON.parse(json),
  /** What the action does with a plan: it reads it, looks for secrets, and writes the comment and the summary. */
  render(json: string) {
    const plan = readPlan(json);
    const view = { plan, name: 'production', secrets: sensitiveValues(plan) };
    renderMarkdown(view, 65_536);
    renderMarkdown(view, 1024 * 1024);
  },
};

/**
 * How long a plan takes from its JSON to the comment and the summary, against `JSON.parse` of the same text. Each has a
 * process of its own and begins cold, as in an action. The time is the processor's, which other work on the machine does
 * not lengthen.
 */
export const benchmark: Benchmark = async say => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-'));
  try {
    const figures: Record<string, number> = {};
    for (const [name, count] of Object.entries(sizes)) {
      const file = join(folder, `${name}.json`);
      await writeFile(file, manyResources(count));
      const pairs: { parse: Sample; render: Sample }[] = [];
      for (let round = 0; round < rounds; round++)
        pairs.push({ parse: await measured('parse', file), render: await measured('render', file) });
      const ratio = median(pairs.map(({ parse, render }) => render.milliseconds / parse.milliseconds));
      figures[`ratio_${name}`] = Number(ratio.toFixed(2));
      if (name === '50k') figures.rss_50k = median(pairs.map(({ render }) => render.bytes));
      const [parse, render] = (['parse', 'render'] as const).map(each =>
        Math.round(median(pairs.map(pair => pair[each].milliseconds))),
      );
      say(`${count} resources: ${render} ms, and ${parse} ms for JSON.parse`);
      await rm(file);
    }
    return {
      figures,
      legend: `time to read a plan, find its secrets, write comment and summary / time of JSON.parse, median of ${rounds} pairs; most memory in bytes`,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
};

interface Sample {
  /** Of processor time. */
  milliseconds: number;
  /** The most memory that the process had. */
  bytes: number;
}

async function measured(name: keyof typeof work, file: string): Promise<Sample> {
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, name, file]);
  return JSON.parse(stdout) as Sample;
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

if (import.meta.main) {
  const [name = '', file = ''] = process.argv.slice(2);
  const json = await readFile(file, 'utf8');
  const before = process.cpuUsage();
  work[name as keyof typeof work](json);
  const { user, system } = process.cpuUsage(before);
  const sample: Sample = {
    milliseconds: (user + system) / 1000,
    bytes: process.resourceUsage().maxRSS * 1024,
  };
  process.stdout.write(JSON.stringify(sample));
}
