import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { controlPlane } from '../../sandbox/control-plane/index.ts';
import { define, install } from '../../sandbox/control-plane/objects.ts';
import { externalDns } from '../../sandbox/external-dns.ts';
import { openRun } from '../../sandbox/run.ts';
import { tool } from '../../sandbox/tools/build.ts';
import { kubectl } from '../kubectl/kubectl.ts';
import { terminalRunner } from '../runner/terminal.ts';
import { nowhere } from './fallback.ts';
import { observe } from './observe.ts';
import { sources } from './sources.ts';

const run = openRun();
const runner = terminalRunner();
afterAll(async () => {
  await run.close();
  await runner.close();
});

/** What the real external-dns would write, one `NAME TYPE TARGET` each. */
async function written(kubeconfig: string): Promise<string[]> {
  const flags = [
    ...['--provider=inmemory', '--registry=noop', '--ignore-ingress-tls-spec'],
    ...['example.com', 'example.net'].map(zone => `--inmemory-zone=${zone}`),
    ...['ingress', 'service', 'gateway-httproute'].map(source => `--source=${source}`),
    ...['A', 'AAAA', 'CNAME'].map(type => `--managed-record-types=${type}`),
  ];
  const log = await externalDns({ kubeconfig, home: run.folder }, flags);
  const created = [...log.matchAll(/CREATE: (\S+) \d+ IN (\S+) +(.+?) \[/g)];
  return created
    .flatMap(([, name, type, targets = '']) => targets.split(';').map(target => `${name} ${type} ${target}`))
    .sort();
}

test('of the same objects the real external-dns makes the same records, but for what we hold back on purpose', async () => {
  const plane = await controlPlane(run, { name: 'cluster' });
  vi.stubEnv('PATH', [dirname(await tool('kubectl')), process.env.PATH].join(delimiter));
  const kinds = sources.httproute.resources.filter(resource => resource.includes('.'));
  await define(plane.api, 'kubernetes-sigs/gateway-api', kinds);
  await install(plane.api, join(import.meta.dirname, 'fixtures', 'cluster.yaml'));
  const kubeconfig = join(run.folder, 'kubeconfig');
  const admin = { user: 'admin', groups: ['system:masters'], ttlSeconds: 600 };
  writeFileSync(kubeconfig, await plane.kubeconfig(admin), { mode: 0o600 });

  const { claims } = await observe(kubectl(runner, kubeconfig), ['ingress', 'service', 'httproute'], nowhere);
  const ours = claims
    .flatMap(({ name, targets }) => targets.map(({ type, content }) => `${name} ${type} ${content}`))
    .sort();
  const theirs = await written(kubeconfig);

  expect(theirs.filter(record => !ours.includes(record))).toEqual([
    'inner.example.com A 10.0.0.10', // which nobody outside can reach
  ]);
  expect(ours.filter(record => !theirs.includes(record))).toEqual([]);
  expect(ours.length).toBeGreaterThan(10);
});
