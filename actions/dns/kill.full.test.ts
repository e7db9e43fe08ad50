import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Cloudflare, cloudflare } from '../../sandbox/cloudflare/index.ts';
import { ingressCluster } from '../../sandbox/control-plane/ingresses.ts';
import { openEgress } from '../../sandbox/egress.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction } from '../../sandbox/runner.ts';
import { tool } from '../../sandbox/tools/build.ts';

/* Killed at any call, before or after its effect, the real entry leaves nothing that its next run does not mend. */

const run = openRun();
const workspace = join(run.folder, 'workspace');
let cluster: Awaited<ReturnType<typeof ingressCluster>>;

beforeAll(async () => {
  mkdirSync(workspace);
  cluster = await ingressCluster(run, 'kill');
  await cluster.add(
    'web',
    ['a', 'b', '*.c', 'd'].map(name => `${name}.example.com`),
  );
});
afterAll(() => run.close());

const foreign = { type: 'A', name: 'www', content: '198.51.100.7', comment: 'by hand' };

async function open() {
  const server = await cloudflare({ zones: [{ name: 'example.com', records: [foreign] }] });
  const egress = await openEgress(run, [{ host: 'api.cloudflare.com', target: server.url }]);
  const env = {
    ...run.environment(egress.environment),
    PATH: [dirname(await tool('kubectl')), process.env.PATH].join(delimiter),
  };
  const inputs = {
    ...{ owner: 'acme', zones: 'example.com', kubeconfig: cluster.kubeconfig },
    ...{ 'cloudflare-api-token': 'cloudflare-token' },
  };
  const dns = (target: string, started?: Parameters<typeof runAction>[0]['started']) =>
    runAction({
      ...{ action: 'dns', cwd: workspace, env, inputs: { ...inputs, target } },
      ...(started && { started }),
    });
  const close = async () => {
    await egress.close();
    await server.close();
    expect(server.complaints).toEqual([]);
  };
  return { server, dns, close };
}

const text = (server: Cloudflare) => server.zone('example.com').text;

test.each([
  ['before', 0],
  ['before', 1],
  ['before', 2],
  ['before', 3],
  ['after', 3],
] as const)('killed %s the effect of call %i', async (when, at) => {
  const { server, dns, close } = await open();
  try {
    expect((await dns('203.0.113.9')).code).toBe(0);
    const before = text(server);
    const from = server.requests.length;
    const hang = { kind: 'hang' as const };
    // After its effect: the answer is lost, and the look that follows is the one that hangs.
    const lost = { effect: { kind: 'reset-after' as const }, skip: at };
    server.faults.schedule(...(when === 'after' ? [lost] : []), { effect: hang, skip: at });
    const calls = when === 'after' ? at + 2 : at + 1;
    const killed = await dns('lb.example.net', async main => {
      await vi.waitFor(() => expect(server.requests.length).toBe(from + calls), { timeout: 60_000 });
      main.kill('SIGKILL');
    });
    expect(killed.code).toBe(137);
    expect(text(server) === before).toBe(when === 'before');
    server.faults.clear();

    const next = await dns('lb.example.net');
    expect(next.code, next.log).toBe(0);
    expect(text(server).match(/CNAME +lb\.example\.net\./g)).toHaveLength(4);
    expect(text(server)).toMatch(/www\.example\.com\. .* 198\.51\.100\.7 +; by hand/);
    expect(text(server)).not.toContain('203.0.113.9');
  } finally {
    await close();
  }
});
