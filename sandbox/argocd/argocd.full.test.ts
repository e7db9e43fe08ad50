import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ControlPlane, controlPlane } from '../control-plane/index.ts';
import { openRun } from '../run.ts';
import { tool } from '../tools/build.ts';
import { upstreams } from '../upstream/index.ts';
import { type ArgocdStandIn, argocdStandIn } from './index.ts';
import { repoServer } from './repo-server.ts';
import { scenarios } from './scenarios/index.ts';
import { argocd, expectSuccess, makeWorld, play } from './scenarios/world.ts';

const run = openRun();
const env = run.environment({ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' });
let plane: ControlPlane;
let standIn: ArgocdStandIn;

beforeAll(async () => {
  plane = await controlPlane(run, { name: 'argocd' });
  await plane.setNodes('pool', ['node-1', 'node-2']);
  const kubeconfig = join(run.folder, 'kubeconfig');
  await writeFile(
    kubeconfig,
    await plane.kubeconfig({ user: 'argocd', groups: ['system:masters'], ttlSeconds: 3600 }),
  );
  const kubectl = await tool('kubectl');
  standIn = await argocdStandIn(kubeconfig, repoServer({ kubectl, env, folder: join(run.folder, 'work') }));

  const upstream = (await upstreams()).find(({ repository }) => repository === 'argoproj/argo-cd');
  const crds = join(upstream?.folder ?? '', 'manifests/crds');
  await promisify(execFile)(kubectl, ['--kubeconfig', kubeconfig, 'apply', '--server-side', '-k', crds], {
    env,
  });
  const served = async () => expect((await plane.api('GET', `${argocd}/appprojects`)).status).toBe(200);
  await vi.waitFor(served, { timeout: 10_000 });
  await expectSuccess(plane.api('POST', '/api/v1/namespaces', { metadata: { name: 'argocd' } }));
  await expectSuccess(plane.api('POST', '/apis/apps/v1/namespaces/argocd/statefulsets', controllerSet));
});

afterAll(async () => {
  await standIn?.close();
  await run.close();
});

test.concurrent.each(scenarios.map((scenario, index) => ({ ...scenario, index })))(
  '$name',
  async ({ index, ...scenario }) => {
    const place = { api: plane.api, env, folder: join(run.folder, 'repositories') };
    await play(scenario, await makeWorld(place, `s${index}`));
  },
);

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
