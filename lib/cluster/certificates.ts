import { type Kubectl, type KubeObject, title, unless } from '../kubectl/kubectl.ts';
import type { Problem, Rung } from './ladder.ts';
import { type Event, warnings } from './workload.ts';

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

interface Reference {
  name: string;
  kind?: string;
}

/** cert-manager's objects, as far as they say why one waits: https://cert-manager.io/docs/troubleshooting/acme/ */
export type Certificate = KubeObject<
  { dnsNames?: string[]; issuerRef?: Reference },
  { conditions?: Condition[]; notAfter?: string }
>;
export type Requested = KubeObject<unknown, { conditions?: Condition[] }> & Owned;
export type Issuer = KubeObject<unknown, { conditions?: Condition[] }>;
/** An Order or a Challenge. */
export type Step = KubeObject<{ dnsName?: string; type?: string }, { state?: string; reason?: string }> &
  Owned;
interface Owned {
  metadata: { ownerReferences?: { kind: string; name: string }[] };
}

export interface Chain {
  requests: Requested[];
  orders: Step[];
  challenges: Step[];
  issuers: Issuer[];
  events: Event[];
}

const kind = 'certificates.cert-manager.io';

/** Argo CD passes over its health, and so do we: the rehearsal at Let's Encrypt's staging is one. */
const isAside = ({ metadata: { annotations } }: Certificate): boolean =>
  annotations?.['argocd.argoproj.io/ignore-healthcheck'] === 'true';

/**
 * Every Certificate in the cluster that counts, Ready.
 * @param expected whether it is wrong that there is none, or no cert-manager
 */
export function certificates(
  cluster: Kubectl,
  expected: boolean,
  tell: (found: Certificate[]) => void = () => {},
): Rung {
  const look = async () => {
    const found = await unless('UnknownResource', cluster.list<Certificate>(kind), []);
    tell(found);
    if (found.length === 0 && expected)
      return [{ what: 'The cluster', why: ['no Certificate is in it: nothing asks cert-manager for one'] }];
    return found
      .filter(each => !isReady(each.status?.conditions) && !isAside(each))
      .map(each => ({ what: title(each), why: complaint(each.status?.conditions) }));
  };
  return {
    name: 'the certificates',
    look,
    async explain(problems) {
      const [found, chain] = await Promise.all([
        unless('UnknownResource', cluster.list<Certificate>(kind), []),
        chainOf(cluster),
      ]);
      return problems.map((problem): Problem => {
        const certificate = found.find(each => title(each) === problem.what);
        return certificate ? { what: problem.what, why: explainCertificate(certificate, chain) } : problem;
      });
    },
  };
}

async function chainOf(cluster: Kubectl): Promise<Chain> {
  const all = <T extends KubeObject>(resource: string) =>
    unless('UnknownResource', cluster.list<T>(resource), [] as T[]);
  const [requests, orders, challenges, own, shared, events] = await Promise.all([
    all<Requested>('certificaterequests.cert-manager.io'),
    all<Step>('orders.acme.cert-manager.io'),
    all<Step>('challenges.acme.cert-manager.io'),
    all<Issuer>('issuers.cert-manager.io'),
    all<Issuer>('clusterissuers.cert-manager.io'),
    all<Event>('events'),
  ]);
  return { requests, orders, challenges, issuers: [...own, ...shared], events };
}

/** From the Certificate by way of its issuer, request and order to the challenge that is not passed. */
export function explainCertificate(
  certificate: Certificate,
  { requests, orders, challenges, issuers, events }: Chain,
): string[] {
  const { name: issuerName, kind: issuerKind = 'Issuer' } = certificate.spec?.issuerRef ?? { name: '' };
  const issuer = issuers.find(
    ({ kind, metadata }) =>
      kind === issuerKind &&
      metadata.name === issuerName &&
      (kind === 'ClusterIssuer' || metadata.namespace === certificate.metadata.namespace),
  );
  const request = latest(requests.filter(each => isOwnedBy(each, certificate)));
  const order = request && latest(orders.filter(each => isOwnedBy(each, request)));
  const open = order
    ? challenges.filter(each => isOwnedBy(each, order) && each.status?.state !== 'valid')
    : [];
  return [
    ...complaint(certificate.status?.conditions),
    ...(issuerName && !issuer ? [`${issuerKind} ${issuerName} does not exist`] : []),
    ...(issuer && !isReady(issuer.status?.conditions)
      ? told(issuer, complaint(issuer.status?.conditions))
      : []),
    ...(request ? told(request, complaint(request.status?.conditions)) : []),
    ...(order ? told(order, step(order)) : []),
    ...open.flatMap(each => told(each, step(each))),
    ...warnings(
      [certificate, request, order, ...open].flatMap(each => each ?? []),
      events,
    ),
  ];
}

const isReady = (conditions: Condition[] = []): boolean =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

/** Why it is not ready, in its own words; what failed before the next try, and what was refused for good, as well. */
function complaint(conditions: Condition[] = []): string[] {
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (!ready) return ['nobody has looked at it yet: see whether cert-manager runs'];
  const others = conditions.filter(
    ({ type, status, message }) =>
      message &&
      ((type === 'Issuing' && status === 'False') ||
        (['Denied', 'InvalidRequest'].includes(type) && status === 'True')),
  );
  return [ready, ...others].map(({ type, reason, message }) =>
    message ? `${reason ?? type}: ${message}` : (reason ?? 'not ready'),
  );
}

const step = ({ spec, status }: Step): string[] => {
  const what = spec?.dnsName && spec.type ? ` (${spec.type} for ${spec.dnsName})` : '';
  return [`${status?.state ?? 'not begun'}${what}${status?.reason ? `: ${status.reason}` : ''}`];
};

const told = (object: KubeObject, words: string[]): string[] =>
  words.map(each => `${title(object)}: ${each}`);

const isOwnedBy = ({ metadata }: Owned & KubeObject, owner: KubeObject): boolean =>
  metadata.namespace === owner.metadata.namespace &&
  (metadata.ownerReferences ?? []).some(
    ({ kind, name }) => kind === owner.kind && name === owner.metadata.name,
  );

const latest = <T extends KubeObject>(objects: T[]): T | undefined =>
  objects
    .sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
    .at(-1);
