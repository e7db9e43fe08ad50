import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Cloudflare, cloudflare as standIn } from '../../sandbox/cloudflare/index.ts';
import { ingressCluster } from '../../sandbox/control-plane/ingresses.ts';
import { externalDns, externalDnsAt } from '../../sandbox/external-dns.ts';
import { openRun, type Run } from '../../sandbox/run.ts';
import type { Benchmark } from '../bench.ts';

const [present, more] = [1_000, 100];
const address = '203.0.113.10';
const host = (number: number) => `n${number}.example.com`;
const hosts = (count: number) => Array.from({ length: count }, (_, number) => host(number));
const call = promisify(execFile);

/** How many calls others make for the work of which `dns` counts ours, on the same stand-in. */
export const benchmark: Benchmark = async say => {
  const run = openRun();
  try {
    const figures: Record<string, number> = {};
    for (const [name, measure] of Object.entries({ octodns, 'external-dns': peer })) {
      const server = await standIn({ zones: [{ name: 'example.com', plan: 'pro' }] });
      try {
        const from = await measure(run, server, say);
        const requests = server.requests.slice(from);
        const made = server.zone('example.com').records.filter(({ type }) => type === 'A').length;
        if (made !== present + more) throw new Error(`${name} has made ${made} records`);
        const reads = requests.filter(({ method }) => method === 'GET').length;
        figures[`${name.replace('-', '_')}_reads`] = reads;
        figures[`${name.replace('-', '_')}_writes`] = requests.length - reads;
      } finally {
        await server.close();
      }
    }
    return {
      figures,
      legend: `requests to Cloudflare for ${more} new hosts in a zone where each has ${present} records of its own already`,
    };
  } finally {
    await run.close();
  }
};

type Measure = (run: Run, server: Cloudflare, say: (line: string) => void) => Promise<number>;

const octodns: Measure = async (run, server, say) => {
  const folder = join(run.folder, 'octodns');
  mkdirSync(join(folder, 'config'), { recursive: true });
  say('installing octodns');
  await call('python3', ['-m', 'venv', join(folder, 'venv')]);
  const packages = ['octodns==1.22.0', 'octodns-cloudflare==1.2.0'];
  await call(join(folder, 'venv/bin/pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    ...packages,
  ]);
  writeFileSync(
    join(folder, 'config.yaml'),
    `providers:
  config: { class: octodns.provider.yaml.YamlProvider, directory: ./config, default_ttl: 300, enforce_order: false }
  cloudflare:
    class: octodns_cloudflare.CloudflareProvider
    token: cloudflare-token
    pagerules: false
    api_url: ${server.url}/client/v4
zones:
  example.com.: { sources: [config], targets: [cloudflare] }
`,
  );
  const sync = async (count: number) => {
    const lines = hosts(count).map(name => `${name.split('.')[0]}: {type: A, value: ${address}}`);
    writeFileSync(join(folder, 'config/example.com.yaml'), `---\n${lines.join('\n')}\n`);
    say(`octodns: ${count} hosts`);
    const args = ['--config-file', 'config.yaml', '--doit', '--force'];
    await call(join(folder, 'venv/bin/octodns-sync'), args, { cwd: folder, maxBuffer: 1e8 });
    return server.requests.length;
  };
  const from = await sync(present);
  await sync(present + more);
  return from;
};

const peer: Measure = async (run, server, say) => {
  const { kubeconfig, add } = await ingressCluster(run, 'peers');
  const at = { kubeconfig, home: run.folder, env: externalDnsAt(server.url) };
  const flags = ['--provider=cloudflare', '--source=ingress', '--domain-filter=example.com'];
  const sync = async () => {
    say('external-dns --once');
    await externalDns(at, [...flags, '--txt-owner-id=peer']);
    return server.requests.length;
  };
  await add('first', hosts(present), address);
  const from = await sync();
  await add('second', hosts(present + more).slice(present), address);
  await sync();
  return from;
};
