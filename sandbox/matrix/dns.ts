import { cp, mkdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { foreign } from '../cloudflare/foreign.ts';
import { cloudflare } from '../cloudflare/index.ts';
import { ingressCluster } from '../control-plane/ingresses.ts';
import { openEgress } from '../egress.ts';
import { exoscaleStandIn } from '../exoscale/index.ts';
import { caller, maker, remembered } from '../exoscale/testing.ts';
import { kubectlShim } from '../kubectl-shim.ts';
import { openRun } from '../run.ts';
import { runAction } from '../runner.ts';
import { tool } from '../tools/build.ts';
import { pinned } from '../tools/parts.ts';
import { openGate } from './gate.ts';
import { ourComment, quickly, type Subject } from './world.ts';

const credentials = { key: 'EXO0123456789abcdef01234567', secret: 'exoscale-secret-of-the-matrix' };
const clusterId = '3f0c0000-0000-4000-8000-000000000001';
const comment = ourComment(clusterId, 'Ingress default/web');
/** One leads elsewhere by now, one is of another type, and one has lost its Ingress. */
const ours = [
  { type: 'A', name: 'a', content: '203.0.113.9', comment },
  { type: 'CNAME', name: 'b', content: 'lb.example.net', comment },
  { type: 'A', name: 'gone', content: '203.0.113.9', comment },
];

/** Records for the hosts of a cluster that Exoscale gives a kubeconfig for, beside those of others. */
export async function dns(): Promise<Subject> {
  const run = openRun();
  const workspace = join(run.folder, 'workspace');
  await mkdir(workspace);
  await cp(join(import.meta.dirname, '../../platform.yaml'), join(workspace, 'platform.yaml'));
  // It is only read, so that one is enough.
  const cluster = await ingressCluster(run, 'dns');
  await cluster.add('web', ['a.example.com', 'b.example.com', '*.c.example.com']);
  const kubeconfig = await readFile(cluster.kubeconfig, 'utf8');
  const kubectl = await kubectlShim(await tool('kubectl'), join(run.folder, 'tmp'), {
    requestTimeout: '20s',
  });
  return {
    close: run.close,
    async open() {
      const gate = openGate();
      const inside = await gate.beforeCluster(kubeconfig);
      const hooks = remembered();
      const exoscale = await exoscaleStandIn({
        ...{ ...credentials, ...hooks },
        cluster: { ...hooks.cluster, kubeconfig: async () => inside },
      });
      const make = maker(caller(exoscale.url, credentials));
      const version = pinned('kube-apiserver');
      await make('/sks-cluster', { name: 'shop-staging', level: 'starter', version });
      await make('/load-balancer', { name: 'shop-staging' });
      const records = await cloudflare({ zones: [{ name: 'example.com', records: [...foreign, ...ours] }] });
      const egress = await openEgress(run, [
        { host: '*.exoscale.com', target: await gate.before('exoscale', exoscale.url) },
        { host: 'api.cloudflare.com', target: await gate.before('cloudflare', records.url) },
      ]);
      const outside = run.environment({ ...egress.environment, ...quickly });
      return {
        gate,
        run: more =>
          runAction({
            ...{ action: 'dns', cwd: workspace },
            inputs: {
              ...{ environment: 'staging', 'cloudflare-api-token': 'cloudflare-token' },
              ...{ 'exoscale-api-key': credentials.key, 'exoscale-api-secret': credentials.secret },
              'cluster-id': clusterId,
            },
            env: { ...outside, PATH: [kubectl.folder, outside.PATH].join(delimiter) },
            ...more,
          }),
        state: async () => ({
          zone: records.zone('example.com').text.split('\n'),
          account: exoscale.account,
        }),
        complaints: () => [...exoscale.complaints, ...records.complaints, ...egress.refused],
        async close() {
          await egress.close();
          await gate.close();
          await Promise.all([exoscale.close(), records.close()]);
        },
      };
    },
  };
}
