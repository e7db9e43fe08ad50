import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ControlPlane, controlPlane } from '../control-plane/index.ts';
import { openRun, type Run } from '../run.ts';
import { tool } from '../tools/build.ts';
import { upstreams } from '../upstream/index.ts';
import { argocdStandIn } from './index.ts';
import { repoServer } from './repo-server.ts';
import { scenarios } from './scenarios/index.ts';
import { realArgocd, settingsFolder } from './scenarios/real.ts';
import { argocd, expectSuccess, makeWorld, play } from './scenarios/world.ts';

/* The stand-in is held to the real Argo CD: both play the same scenarios, each beside a cluster of its own. */

const engines = [
  { engine: 'the stand-in', here: true },
  { engine: 'the real one', here: existsSync('/usr/bin/redis-server') }, // what it keeps its cache in
];

describe.each(engines.filter(({ here }) => here))('$engine', ({ engine }) => {
  let run: Run;
  let plane: ControlPlane;
  let env: Record<string, string>;
  let close: () => Promise<void> = async () => {};

  beforeAll(async () => {
    run = openRun();
    env = run.environment({ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' });
    plane = await controlPlane(run, { name: 'argocd' });
    await plane.setNodes('pool', ['node-1', 'node-2']);
    const kubeconfig = join(run.folder, 'kubeconfig');
    const subject = { user: 'argocd', groups: ['system:masters'], ttlSeconds: 3600 };
    await writeFile(kubeconfig, await plane.kubeconfig(subject));
    const kubectl = await tool('kubectl');
    const apply = (folder: string) =>
      promisify(execFile)(kubectl, ['--kubeconfig', kubeconfig, 'apply', '--server-side', '-k', folder], {
        env,
      });

    const upstream = (await upstreams()).find(({ repository }) => repository === 'argoproj/argo-cd');
    await apply(join(upstream?.folder ?? '', 'manifests/crds'));
    const served = async () => expect((await plane.api('GET', `${argocd}/appprojects`)).status).toBe(200);
    await vi.waitFor(served, { timeout: 10_000 });
    await expectSuccess(plane.api('POST', '/api/v1/namespaces', { metadata: { name: 'argocd' } }));
    if (engine === 'the stand-in') {
      const repositories = repoServer({ kubectl, env, folder: join(run.folder, 'work') });
      ({ close } = await argocdStandIn(kubeconfig, repositories));
      await expectSuccess(plane.api('POST', '/apis/apps/v1/namespaces/argocd/statefulsets', controllerSet));
    } else {
      await apply(await settingsFolder(run));
      const secret = '/api/v1/namespaces/argocd/secrets/argocd-secret';
      await expectSuccess(plane.api('PATCH', secret, { stringData: { 'server.secretkey': 'a-key' } }));
      await realArgocd(run, kubeconfig, env);
    }
  });
  afterAll(async () => {
    await close();
    await run?.close();
  });

  test.concurrent.each(scenarios.map((scenario, index) => ({ ...scenario, index })))(
    '$name',
    async ({ index, ...scenario }) => {
      const place = { api: plane.api, env, folder: join(run.folder, 'repositories') };
      await play(scenario, await makeWorld(place, `s${index}`));
    },
  );
});

/** By its readiness the stand-in sees that Argo CD is installed. */
const controllerSet = {
  metadata: { name: 'argocd-application-controller' },
  spec: {
    ...{ serviceName: 'none', selector: { matchLabels: { app: 'controller' } } },
    template: {
      metadata: { labels: { app: 'controller' } },
      spec: { containers: [{ name: 'controller', image: 'example.com/argocd' }] },
    },
  },
};
