import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cloudflare, cloudflare } from '../../sandbox/cloudflare/index.ts';
import { ingressCluster } from '../../sandbox/control-plane/ingresses.ts';
import { openEgress } from '../../sandbox/egress.ts';
import { externalDns, externalDnsAt } from '../../sandbox/external-dns.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';
import { tool } from '../../sandbox/tools/build.ts';

/* A zone that the real external-dns has filled becomes ours, whatever it was told to call its TXT records. */

const run = openRun();
const workspace = join(run.folder, 'workspace');
let cluster: Awaited<ReturnType<typeof ingressCluster>>;

const targets = '203.0.113.10,2001:db8::10';
const gone = () => cluster.add('gone', ['gone.example.com'], targets);

beforeAll(async () => {
  mkdirSync(workspace);
  cluster = await ingressCluster(run, 'migration');
  await cluster.add('web', ['shop.example.com', '*.wild.example.com'], targets);
  await gone();
});
afterAll(() => run.close());

/** `external-dns --once`, as it stands in a cluster. Gives its log. */
async function old(server: Cloudflare, ...flags: string[]): Promise<string> {
  // `a-*` is no name that the stand-in takes.
  const named = ['--txt-wildcard-replacement=any', ...flags];
  const always = ['--provider=cloudflare', '--source=ingress', '--registry=txt', '--policy=sync'];
  const where = ['--domain-filter=example.com', '--managed-record-types=A', '--managed-record-types=AAAA'];
  const at = { kubeconfig: cluster.kubeconfig, home: run.folder, env: externalDnsAt(server.url) };
  return externalDns(at, [...always, ...where, ...named]);
}

const key = 'abcdefghijklmnopqrstuvwxyz012345';
const records = (server: Cloudflare) =>
  server
    .zone('example.com')
    .records.map(({ name, type, content, comment }) => ({ name, type, content, comment }));
const addresses = (server: Cloudflare) =>
  records(server)
    .filter(({ type }) => type !== 'TXT')
    .map(({ name, type, content }) => `${name} ${type} ${content}`)
    .sort();

test.each<[string, string[], Record<string, string>]>([
  ['no prefix', [], {}],
  ['a prefix', ['--txt-prefix=x-'], { 'txt-prefix': 'x-' }],
  ['a label before', ['--txt-prefix=%{record_type}._dns.'], { 'txt-prefix': '%{record_type}._dns.' }],
  ['a suffix', ['--txt-suffix=-x'], { 'txt-suffix': '-x' }],
  ['the type in a suffix', ['--txt-suffix=-%{record_type}-x'], { 'txt-suffix': '-%{record_type}-x' }],
  [
    'encryption',
    ['--txt-prefix=x-', '--txt-encrypt-enabled', `--txt-encrypt-aes-key=${key}`],
    { 'txt-prefix': 'x-', 'txt-encrypt-aes-key': key },
  ],
])(
  'with %s, its records become ours in one batch, and its own next run changes nothing',
  async (_, flags, inputs) => {
    const server = await cloudflare({ zones: [{ name: 'example.com' }] });
    const egress = await openEgress(run, [{ host: 'api.cloudflare.com', target: server.url }]);
    const path = [dirname(await tool('kubectl')), process.env.PATH].join(delimiter);
    const dns = (more: Record<string, string>) =>
      runAction({
        ...{ action: 'dns', cwd: workspace, env: { ...run.environment(egress.environment), PATH: path } },
        inputs: {
          ...{ owner: 'shop', zones: 'example.com', target: targets, kubeconfig: cluster.kubeconfig },
          ...{
            'cloudflare-api-token': 'cloudflare-token',
            'txt-wildcard-replacement': 'any',
            ...inputs,
            ...more,
          },
        },
      });
    let there = true;
    try {
      await old(server, '--txt-owner-id=old', ...flags);
      const before = addresses(server);
      expect(before).toHaveLength(6);
      expect(records(server)).toHaveLength(12);

      // An owner that is not listed keeps what it has.
      const untouched = server.zone('example.com').text;
      const wrong = await dns({ 'txt-owners': 'another' });
      expect(wrong.code).toBe(1);
      expect(wrong.annotations).toHaveLength(3);
      expect(wrong.annotations[0]?.message).toMatch(
        /^gone.example.com: .*external-dns keeps for ingress\/default\/gone/,
      );
      expect(server.zone('example.com').text).toBe(untouched);

      // What the cluster does not have any more stays external-dns's.
      await cluster.remove('gone');
      there = false;
      const from = server.requests.length;
      const moved = await dns({ 'txt-owners': 'old' });
      expect(moved.log).toContain('shop: 4 records changed, 4 deleted in example.com');
      expect(moved.code).toBe(0);
      expect(server.requests.slice(from).map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
      expect(addresses(server)).toEqual(before);
      const left = records(server).filter(({ comment }) => !comment?.startsWith('slipway shop@'));
      expect(left.map(({ type }) => type).sort()).toEqual(['A', 'AAAA', 'TXT', 'TXT']);
      expect((await dns({ 'txt-owners': 'old' })).log).toContain('nothing to change, 4 as wished');

      // It takes back what is its own, and finds nothing else that is.
      await old(server, '--txt-owner-id=old', ...flags);
      expect(addresses(server)).toEqual(before.filter(line => !line.startsWith('gone.')));
      expect(records(server).every(({ comment }) => comment?.startsWith('slipway shop@'))).toBe(true);
      expect(server.complaints).toEqual([]);
    } finally {
      if (!there) await gone();
      await egress.close();
      await server.close();
    }
  },
);
