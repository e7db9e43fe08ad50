import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { type SourceName, sources } from '../../lib/dns/sources.ts';
import { type Kubectl, kubectl } from '../../lib/kubectl/kubectl.ts';
import { terminalRunner } from '../../lib/runner/terminal.ts';
import { type ControlPlane, controlPlane } from '../../sandbox/control-plane/index.ts';
import { define, install } from '../../sandbox/control-plane/objects.ts';
import { openRun } from '../../sandbox/run.ts';
import { tool } from '../../sandbox/tools/build.ts';

const fixtures = join(import.meta.dirname, '../../lib/dns/fixtures');

/** A cluster whose objects may wish for records. */
export function planeWorld() {
  const run = openRun();
  const runner = terminalRunner();
  let plane: ControlPlane;
  let cluster: Kubectl;

  beforeAll(async () => {
    const [path] = await Promise.all([
      tool('kubectl'),
      controlPlane(run, { name: 'cluster' }).then(made => (plane = made)),
    ]);
    vi.stubEnv('PATH', [dirname(path), process.env.PATH].join(delimiter));
    cluster = kubectl(runner, await kubeconfig('system:masters'));
  });
  afterAll(async () => {
    await run.close();
    await runner.close();
  });

  async function kubeconfig(group: string): Promise<string> {
    const file = join(run.folder, `kubeconfig-${group}`);
    writeFileSync(file, await plane.kubeconfig({ user: group, groups: [group], ttlSeconds: 600 }), {
      mode: 0o600,
    });
    return file;
  }

  return {
    ...{ runner, kubeconfig },
    plane: () => plane,
    /** As somebody who may do anything. */
    cluster: () => cluster,
    /** Traefik's own definitions and the Gateway API's, and objects of every kind. */
    async installAll() {
      const kinds = (...names: SourceName[]) =>
        names.flatMap(name => sources[name].resources.filter(resource => resource.includes('.')));
      await define(plane.api, 'traefik/traefik', kinds('ingressroute', 'ingressroutetcp'));
      await define(plane.api, 'kubernetes-sigs/gateway-api', kinds('httproute'));
      await install(plane.api, join(fixtures, 'cluster.yaml'));
      await install(plane.api, join(fixtures, 'traefik.yaml'));
    },
  };
}
