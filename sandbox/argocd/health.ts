import { at, type KubernetesObject, number } from './object.ts';

export type HealthCode = 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown';

export interface Health {
  status: HealthCode;
  message?: string;
}

/** From best to worst: an Application is as healthy as its worst resource. */
const order: HealthCode[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];

export const worse = (a: HealthCode, b: HealthCode): HealthCode =>
  order.indexOf(a) >= order.indexOf(b) ? a : b;

/**
 * The health of a live object, undefined for kinds that have none (a ConfigMap, an IngressRoute).
 * The rules are those of gitops-engine's pkg/health, and for Applications the check that the cluster's argocd-cm restores.
 */
export function healthOf(object: KubernetesObject): Health | undefined {
  const check = checks[`${object.apiVersion}/${object.kind}`];
  if (object.metadata.deletionTimestamp) return { status: 'Progressing', message: 'Pending deletion' };
  return check?.(object);
}

/**
 * Whether a missing object of this kind makes its Application Missing: if it has a check, or if upstream's argocd-cm has a
 * customization of any sort for it, as for ConfigMap.
 */
export const isMissed = ({ apiVersion, kind }: KubernetesObject): boolean =>
  `${apiVersion}/${kind}` in checks || (apiVersion === 'v1' && kind === 'ConfigMap');

const checks: Record<string, (object: KubernetesObject) => Health> = {
  'apps/v1/Deployment': deployment,
  'apps/v1/StatefulSet': statefulSet,
  'apps/v1/DaemonSet': daemonSet,
  'batch/v1/Job': job,
  'v1/Service': service => {
    const waiting = at(service, 'spec', 'type') === 'LoadBalancer' && !hasAddress(service);
    return { status: waiting ? 'Progressing' : 'Healthy' };
  },
  'networking.k8s.io/v1/Ingress': ingress => ({ status: hasAddress(ingress) ? 'Healthy' : 'Progressing' }),
  'v1/PersistentVolumeClaim': claim => ({
    status: claimPhases[String(at(claim, 'status', 'phase'))] ?? 'Unknown',
  }),
  'argoproj.io/v1alpha1/Application': application => {
    const health = at(application, 'status', 'health') as Health | undefined;
    return health?.status ? health : { status: 'Progressing' };
  },
};

const claimPhases: Record<string, HealthCode> = {
  Bound: 'Healthy',
  Pending: 'Progressing',
  Lost: 'Degraded',
};

const hasAddress = (object: KubernetesObject): boolean =>
  at(object, 'status', 'loadBalancer', 'ingress', 0) !== undefined;

const waiting = (message: string): Health => ({ status: 'Progressing', message });

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

const conditions = (object: KubernetesObject): Condition[] =>
  (at(object, 'status', 'conditions') as Condition[] | undefined) ?? [];

const observed = (object: KubernetesObject): boolean =>
  number(at(object, 'status', 'observedGeneration')) >= number(object.metadata.generation);

function deployment(object: KubernetesObject): Health {
  const status = (name: string) => number(at(object, 'status', name));
  const wanted = number(at(object, 'spec', 'replicas'));
  const [updated, all, available] = [
    status('updatedReplicas'),
    status('replicas'),
    status('availableReplicas'),
  ];
  if (at(object, 'spec', 'paused')) return { status: 'Suspended', message: 'Deployment is paused' };
  if (!observed(object)) {
    return waiting(
      'Waiting for rollout to finish: observed deployment generation less than desired generation',
    );
  }
  if (conditions(object).some(({ reason }) => reason === 'ProgressDeadlineExceeded')) {
    return {
      status: 'Degraded',
      message: `Deployment "${object.metadata.name}" exceeded its progress deadline`,
    };
  }
  if (updated < wanted) {
    return waiting(
      `Waiting for rollout to finish: ${updated} out of ${wanted} new replicas have been updated...`,
    );
  }
  if (all > updated) {
    return waiting(`Waiting for rollout to finish: ${all - updated} old replicas are pending termination...`);
  }
  if (available < updated) {
    return waiting(
      `Waiting for rollout to finish: ${available} of ${updated} updated replicas are available...`,
    );
  }
  return { status: 'Healthy' };
}

function statefulSet(object: KubernetesObject): Health {
  const wanted = number(at(object, 'spec', 'replicas'));
  const ready = number(at(object, 'status', 'readyReplicas'));
  if (!observed(object) || !at(object, 'status', 'observedGeneration')) {
    return waiting('Waiting for statefulset spec update to be observed...');
  }
  if (ready < wanted) return waiting(`Waiting for ${wanted - ready} pods to be ready...`);
  return { status: 'Healthy' };
}

function daemonSet(object: KubernetesObject): Health {
  const status = (name: string) => number(at(object, 'status', name));
  if (!observed(object)) {
    return waiting(
      'Waiting for rollout to finish: observed daemon set generation less than desired generation',
    );
  }
  const wanted = status('desiredNumberScheduled');
  const name = `daemon set "${object.metadata.name}"`;
  if (status('updatedNumberScheduled') < wanted) {
    return waiting(
      `Waiting for ${name} rollout to finish: ${status('updatedNumberScheduled')} out of ${wanted} new pods have been updated...`,
    );
  }
  if (status('numberAvailable') < wanted) {
    return waiting(
      `Waiting for ${name} rollout to finish: ${status('numberAvailable')} of ${wanted} updated pods are available...`,
    );
  }
  return { status: 'Healthy' };
}

function job(object: KubernetesObject): Health {
  const found = (type: string) =>
    conditions(object).find(each => each.type === type && each.status === 'True');
  const failed = found('Failed');
  if (failed) return { status: 'Degraded', ...(failed.message ? { message: failed.message } : {}) };
  if (found('Suspended')) return { status: 'Suspended' };
  return { status: found('Complete') ? 'Healthy' : 'Progressing' };
}
