import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { manyResources } from '../../lib/terraform/fixtures/many.ts';
import { readPlan } from '../../lib/terraform/model.ts';
import { renderMarkdown, renderText } from '../../lib/terraform/render.ts';
import { sensitiveValues } from '../../lib/terraform/secrets.ts';
import type { Benchmark } from '../bench.ts';

const sizes = { '1k': 1_000, '5k': 5_000, '20k': 20_000, '50k': 50_000 };
const rounds = 5;

const work = {
  parse: (json: string) => void JSON.parse(json),
  /** What the action does with a plan: it reads it, looks for secrets, and writes the comment and the summary. */
  render(json: string) {
    const view = viewOf(json);
    renderMarkdown(view, 65_536);
    renderMarkdown(view, 1024 * 1024);
  },
  text: (json: string) => void renderText(viewOf(json)),
};

function viewOf(json: string) {
  const plan = readPlan(json);
  return { plan, name: 'production', secrets: sensitiveValues(plan) };
}

/**
 * How long a plan takes from its JSON to the comment and the summary, against `JSON.parse` of the same text. Each is timed
 * in a process of its own, cold, as in an action; they take turns, so that what else the machine does hits both.
 */
export const benchmark: Benchmark = async say => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-'));
  try {
    const figures: Record<string, number> = {};
    const texts: string[] = [];
    for (const [name, count] of Object.entries(sizes)) {
      const file = join(folder, `${name}.json`);
      const json = manyResources(count);
      await writeFile(file, json);
      const ratios: number[] = [];
      const textRatios: number[] = [];
      const memory: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const parse = await measured('parse', file);
        const render = await measured('render', file);
        const text = await measured('text', file);
        ratios.push(render.milliseconds / parse.milliseconds);
        textRatios.push(text.milliseconds / parse.milliseconds);
        memory.push(render.bytes);
      }
      figures[`ratio_${name}`] = Number(median(ratios).toFixed(2));
      if (name === '50k') figures.rss_50k = median(memory);
      texts.push(`${median(textRatios).toFixed(1)} at ${name}`);
      say(`${count} resources, ${(json.length / 1e6).toFixed(1)} MB: ${figures[`ratio_${name}`]}`);
    }
    return {
      figures,
      legend: `time to read a plan, find its secrets and write comment and summary / time of JSON.parse, median of ${rounds} pairs; most memory in bytes. The text for the terminal, which shows everything: ${texts.join(', ')}`,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
};

interface Sample {
  milliseconds: number;
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
  const json = await readFile(file, 'latin1');
  const started = performance.now();
  work[name as keyof typeof work](json);
  const milliseconds = performance.now() - started;
  process.stdout.write(JSON.stringify({ milliseconds, bytes: process.resourceUsage().maxRSS * 1024 }));
}
