import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../../sandbox/control-plane/index.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Shop } from '../../sandbox/shop.ts';

interface Application {
  spec: { source: { targetRevision: string } };
  status?: {
    sync?: { status?: string; comparedTo?: { source?: { targetRevision?: string } } };
    health?: { status?: string };
  };
}

const path = (name: string) => `/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/${name}`;

/** Tells Argo CD that something was merged, as GitHub's webhook does: otherwise it asks every few minutes. */
async function notify(cluster: ControlPlane): Promise<void> {
  await cluster.api('PATCH', path('root'), {
    metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } },
  });
}

/** Waits until Argo CD runs a service at a revision, as its Application says. */
async function deployed(
  cluster: ControlPlane,
  service: string,
  revision: string,
  say: (line: string) => void,
): Promise<void> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(200)) {
    const { body } = (await cluster.api('GET', path(service))) as { body: Application };
    const { sync, health } = body.status ?? {};
    say(
      `${sync?.status ?? 'no status yet'}, ${health?.status ?? 'no health yet'} at ${body.spec.source.targetRevision.slice(0, 12)}`,
    );
    const at = sync?.comparedTo?.source?.targetRevision;
    if (at === revision && sync?.status === 'Synced' && health?.status === 'Healthy') return;
  }
  throw new Error(`Argo CD does not run ${service} at ${revision} after two minutes`);
}

/** Tells Argo CD of an environment that something was merged, and waits until it runs a service at a revision. */
export async function arrived(
  sandbox: Sandbox,
  shop: Shop,
  environment: string,
  service: string,
  revision: string,
  say: (line: string) => void,
): Promise<void> {
  const cluster = sandbox.controlPlane(`${shop.name}-${environment}`);
  if (!cluster) throw new Error(`${environment} has no cluster`);
  await notify(cluster);
  await deployed(cluster, service, revision, say);
}
