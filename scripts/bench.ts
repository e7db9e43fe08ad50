import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';

/** What a benchmark measured: ratios within this run where it can be, so that machines may differ. */
export interface Measurement {
  figures: Record<string, number>;
  /** What the figures are, one line below the table. */
  legend: string;
}

export type Benchmark = (say: (line: string) => void) => Promise<Measurement>;

const folder = join(import.meta.dirname, 'bench');
const names = readdirSync(folder).map(file => file.replace(/\.ts$/, ''));

const [name, ...options] = process.argv.slice(2);
if (name === undefined || !existsSync(join(folder, `${name}.ts`))) {
  process.stderr.write(`Usage: npm run bench -- NAME [--json], where NAME is one of ${names.join(', ')}\n`);
  process.exit(2);
}

const { benchmark } = (await import(join(folder, `${name}.ts`))) as { benchmark: Benchmark };
const { figures, legend } = await benchmark(line =>
  process.stderr.write(`${styleText('dim', line, { stream: process.stderr })}\n`),
);

if (options.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ name, figures })}\n`);
} else {
  const width = Math.max(...Object.keys(figures).map(key => key.length));
  for (const [key, value] of Object.entries(figures))
    process.stdout.write(`${key.padEnd(width)}  ${String(value).padStart(10)}\n`);
  process.stdout.write(`${legend}\n`);
}
