import { delimiter, join } from 'node:path';
import { foreign } from '../cloudflare/foreign.ts';
import { cloudflare } from '../cloudflare/index.ts';
import { type ControlPlane, controlPlane } from '../control-plane/index.ts';
import type { DatabaseHook } from '../exoscale/index.ts';
import { kubectlShim } from '../kubectl-shim.ts';
import { postgres } from '../postgres/index.ts';
import { openRun, type Run } from '../run.ts';
import { terraformWorld } from '../terraform-world.ts';
import { tool } from '../tools/build.ts';
import { openGate } from './gate.ts';
import { asTold, keep, tfState } from './terraform.ts';
import { ourComment, quickly, type Subject, type World } from './world.ts';

const services = '/api/v1/namespaces/default/services';
const administrator = { user: 'slipway', groups: ['system:masters'], ttlSeconds: 24 * 60 * 60 };

/**
 * An environment with a load balancer of the cluster's own, a record, and a database that nobody has put anything into goes.
 * Its control plane is used again, and what was applied for the first.
 */
export async function teardown(): Promise<Subject> {
  const run = openRun();
  const kubectl = await kubectlShim(await tool('kubectl'), join(run.folder, 'tmp'), {
    requestTimeout: '20s',
  });
  const database = await oneDatabase(run);
  const free: ControlPlane[] = [];
  let planes = 0;
  let restore: Restore | undefined;
  return {
    close: run.close,
    async open() {
      const plane = free.pop() ?? (await controlPlane(run, { name: `teardown-${planes++}` }));
      const path = [kubectl.folder, process.env.PATH].join(delimiter);
      const { kept, ...world } = await torn({ plane, path, database, restore });
      restore = kept;
      return {
        ...world,
        async close() {
          await world.close();
          await plane.api('DELETE', `${services}/game`);
          free.push(plane);
        },
      };
    },
  };
}

type Restore = Awaited<ReturnType<typeof keep>>;

interface Ground {
  plane: ControlPlane;
  path: string;
  database: DatabaseHook;
  restore: Restore | undefined;
}

async function torn({ plane, path, database, restore }: Ground): Promise<World & { kept: Restore }> {
  const gate = openGate();
  const inside = await gate.beforeCluster(await plane.kubeconfig(administrator));
  const records = await cloudflare({ zones: [{ name: 'example.com', records: foreign }] });
  const around = await terraformWorld({
    before: gate.before,
    environment: { ...quickly, PATH: path },
    ...{ database, cluster: { kubeconfig: async () => inside } },
    routes: [{ host: 'api.cloudflare.com', target: await gate.before('cloudflare', records.url) }],
  });
  const cwd = await around.checkout('shop');
  if (restore) await restore(around);
  else {
    const { code, stdout } = await around.step('apply', cwd);
    if (code !== 0) throw new Error(`There is nothing to take down:\n${stdout}`);
  }
  const [cluster] = around.exoscale.account.zones['ch-gva-2']?.clusters ?? [];
  const kept = restore ?? (await keep(around));
  await record(records, cluster?.id ?? '');
  await plane.api('POST', services, {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'game' } },
    spec: { type: 'LoadBalancer', ports: [{ port: 7777 }] },
  });
  const step = asTold(around, 'teardown', cwd);
  return {
    ...{ gate, kept },
    run: more =>
      step({
        inputs: { confirm: 'staging', 'cloudflare-api-token': 'cloudflare-token' },
        ...more,
      }),
    async state() {
      const { body } = await plane.api<{ items: { metadata: { name: string } }[] }>('GET', services);
      return {
        ...(await tfState(around)),
        zone: records.zone('example.com').text.split('\n'),
        services: body.items.map(({ metadata }) => metadata.name),
      };
    },
    complaints: () => [...around.exoscale.complaints, ...records.complaints, ...around.egress.refused],
    async close() {
      await around[Symbol.asyncDispose]();
      await records.close();
      await gate.close();
    },
  };
}

/** One server behind the services of all worlds: it is only looked into, and a service that goes leaves it alone. */
async function oneDatabase(run: Run): Promise<DatabaseHook> {
  const { filter: _, ...server } = await postgres(run, { name: 'database' });
  const users = new Map<string, ReturnType<typeof server.user>>();
  const made = new Map<string, Promise<void>>();
  const once = <T>(known: Map<string, T>, name: string, make: (name: string) => T): T => {
    const found = known.get(name) ?? make(name);
    known.set(name, found);
    return found;
  };
  return {
    create: async () => ({
      ...server,
      user: name => once(users, name, server.user),
      database: name => once(made, name, server.database),
    }),
    async delete() {},
  };
}

/** One that the dns action has made for the cluster. */
async function record(server: Awaited<ReturnType<typeof cloudflare>>, cluster: string): Promise<void> {
  const comment = ourComment(cluster, 'Ingress default/old');
  const { ok } = await fetch(`${server.url}/client/v4/zones/${server.zone('example.com').id}/dns_records`, {
    method: 'POST',
    headers: { authorization: 'Bearer cloudflare-token', 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ type: 'A', name: 'old.example.com', content: '203.0.113.11', ttl: 1, proxied: false, comment },
    }),
  });
  if (!ok) throw new Error('The record was not made');
}
