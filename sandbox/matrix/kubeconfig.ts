import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openEgress } from '../egress.ts';
import { exoscaleStandIn } from '../exoscale/index.ts';
import { caller, maker, remembered } from '../exoscale/testing.ts';
import { openRun } from '../run.ts';
import { runAction } from '../runner.ts';
import { pinned } from '../tools/parts.ts';
import { openGate } from './gate.ts';
import { quickly, type Subject } from './world.ts';

const credentials = { key: 'EXO0123456789abcdef01234567', secret: 'exoscale-secret-of-the-matrix' };

/** A kubeconfig for a cluster that is there. */
export async function kubeconfig(): Promise<Subject> {
  const run = openRun();
  const workspace = join(run.folder, 'workspace');
  await mkdir(workspace);
  await cp(join(import.meta.dirname, '../../platform.yaml'), join(workspace, 'platform.yaml'));
  return {
    close: run.close,
    async open() {
      const gate = openGate();
      const exoscale = await exoscaleStandIn({ ...credentials, ...remembered() });
      const version = pinned('kube-apiserver');
      await maker(caller(exoscale.url, credentials))('/sks-cluster', {
        ...{ name: 'shop-staging', level: 'starter', version },
      });
      const egress = await openEgress(run, [
        { host: '*.exoscale.com', target: await gate.before('exoscale', exoscale.url) },
      ]);
      const secrets = { 'exoscale-api-key': credentials.key, 'exoscale-api-secret': credentials.secret };
      return {
        gate,
        run: more =>
          runAction({
            ...{ action: 'kubeconfig', cwd: workspace, inputs: { environment: 'staging', ...secrets } },
            env: run.environment({ ...egress.environment, ...quickly }),
            ...more,
          }),
        state: async () => exoscale.account,
        complaints: () => [...exoscale.complaints, ...egress.refused],
        async close() {
          await egress.close();
          await gate.close();
          await exoscale.close();
        },
      };
    },
  };
}
