import { cloudflare } from '../../lib/cloudflare/cloudflare.ts';
import type { Claim } from '../../lib/dns/claims.ts';
import { converge } from '../../lib/dns/converge.ts';
import { clusterHash, format } from '../../lib/dns/marker.ts';
import { plan } from '../../lib/dns/plan.ts';
import { seen } from '../../lib/dns/survey.ts';
import type { Runner } from '../../lib/runner/runner.ts';
import { cloudflare as standIn } from '../../sandbox/cloudflare/index.ts';
import type { Benchmark } from '../bench.ts';

const identity = { owner: 'shop', cluster: clusterHash('cluster') };
const targets = [{ type: 'A' as const, content: '203.0.113.10' }];
const name = (number: number) => `n${number}.example.com`;
const source = (number: number) => `Ingress shop/n${number}`;
const claims = (count: number): Claim[] =>
  Array.from({ length: count }, (_, number) => ({ name: name(number), source: source(number), targets }));
const records = (count: number) =>
  claims(count).map(each => ({
    ...{ name: each.name, type: 'A', content: '203.0.113.10', ttl: 1, proxied: false },
    comment: format({ ...identity, source: each.source }),
  }));

/**
 * How many calls to Cloudflare bring a zone with so many records to so many more hosts, and how long planning 50,000 hosts
 * takes. The zone is the stand-in's, with limits as an enterprise zone may have them.
 */
export const benchmark: Benchmark = async say => {
  const figures: Record<string, number> = {};
  for (const [present, more] of [
    [1_000, 100],
    [50_000, 1_000],
  ] as const) {
    const seconds = await measured(present, more, calls => {
      figures[`calls_${present}_${more}`] = calls;
    });
    say(`${present} records, ${more} more: ${seconds.toFixed(1)} s, the stand-in's own time included`);
  }
  figures.plan_50000_ms = Math.round(planning(50_000));
  return {
    figures,
    legend: `calls to Cloudflare for N records and M new hosts (its own minimum: one to find the zone, N/5000 to read and as many just before it writes, M/3500 to write; a zone of more than 3,500 is asked for its quota); processor time to plan 50,000 hosts of which 1,000 are new`,
  };
};

async function measured(present: number, more: number, found: (calls: number) => void): Promise<number> {
  const plan = present > 3_000 ? 'enterprise' : 'pro';
  const server = await standIn({ zones: [{ name: 'example.com', plan, records: records(present) }] });
  process.env.CLOUDFLARE_BASE_URL = `${server.url}/client/v4`;
  try {
    const from = performance.now();
    const client = cloudflare('cloudflare-token');
    const runner = { info() {}, warning() {}, async summary() {} } as Partial<Runner> as Runner;
    const zones = await seen(client, [await client.zone('example.com')]);
    const { changed, problems } = await converge(runner, client, zones, {
      ...{ label: 'bench', identity, allowDeletes: false, dryRun: false },
      wishes: { claims: claims(present + more), unreadable: [], notes: [] },
    });
    if (changed !== more || problems.length > 0 || server.complaints.length > 0)
      throw new Error(
        `${changed} of ${more} changes were made: ${[...problems, ...server.complaints].join('; ')}`,
      );
    found(server.requests.length);
    return (performance.now() - from) / 1000;
  } finally {
    await server.close();
  }
}

/** Milliseconds of processor time. */
function planning(count: number): number {
  const world = {
    ...{ zone: 'example.com', identity, allowDeletes: false },
    records: records(count - 1_000).map((each, number) => ({ id: String(number), ...each })),
    wishes: { claims: claims(count), unreadable: [] },
  };
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    plan(world);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return times.sort((a, b) => a - b)[2] ?? Number.NaN;
}
