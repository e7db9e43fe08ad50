import { editSource } from '../../lib/promotion/editor/edit.ts';
import { readSource } from '../../lib/promotion/editor/source.ts';
import type { Benchmark } from '../bench.ts';
import { promotionHub } from '../testing/promotion.ts';

const rounds = 5;

/**
 * What a promotion of all services asks of GitHub: three environments in a row, one that commits and one that opens a pull
 * request, every service ahead in the first. And how long one value takes in a file of five megabytes.
 */
export const benchmark: Benchmark = async say => {
  const figures: Record<string, number> = {};
  for (const count of [5, 500]) {
    figures[`calls_${count}`] = await calls(count, say);
  }
  const times = Array.from({ length: rounds }, edit);
  figures.edit_5mb_ms = Math.round(times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN);
  return {
    figures,
    legend: `requests to GitHub for all services of 5 or 500 through two further environments; processor time in ms for one value in a file of 5 MB, median of ${rounds}`,
  };
};

async function calls(count: number, say: (line: string) => void): Promise<number> {
  await using hub = await promotionHub({
    services: Array.from({ length: count }, (_, index) => `service-${index}`),
    environments: {
      first: undefined,
      second: '{ from: first, by: commit }',
      third: '{ from: second, by: pull-request }',
    },
    version: environment => (environment === 'first' ? 'v1.1.0' : 'v1.0.0'),
  });
  const { go } = await hub.shop('platform');
  let sum = 0;
  for (const environment of ['second', 'third']) {
    const from = Date.now();
    const { requests, commits } = await go({ environment });
    if (commits.length !== 1) throw new Error(`${environment} was not promoted`);
    say(`${count} services to ${environment}: ${requests.length} requests, ${Date.now() - from} ms`);
    sum += requests.length;
  }
  if (hub.server.complaints.length > 0) throw new Error(hub.server.complaints.join('\n'));
  return sum;
}

/** A file as somebody renders a whole cluster into one: small objects, thousands of them. */
const cluster = Array.from({ length: 6500 }, (_, index) =>
  [
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: notes-${index}, labels: { app: "n${index % 7}" } } # ${index}`,
    'data:\n  text: |',
    ...Array.from({ length: 8 }, (_, line) => `    ${line}: image: ghcr.io/acme/ui:v1 ${'x'.repeat(60)}`),
    `  tag: v1.0.0 # one of many\n`,
  ].join('\n'),
).join('---\n');

/** Processor time, which other work on the machine does not lengthen. */
function edit(): number {
  const bytes = Buffer.from(cluster);
  const wish = [{ document: 4000, path: ['data', 'tag'], value: 'v2.0.0' }];
  const before = process.cpuUsage();
  const { hunks } = editSource(readSource('cluster.yaml', bytes), wish);
  const { user, system } = process.cpuUsage(before);
  if (hunks.length !== 1) throw new Error('the edit was not made');
  return (user + system) / 1000;
}
