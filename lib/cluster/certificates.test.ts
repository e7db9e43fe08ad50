import { expect, test } from 'vitest';
import { type Kubectl, type KubeObject, KubernetesError } from '../kubectl/kubectl.ts';
import { type Certificate, type Chain, certificates, explainCertificate } from './certificates.ts';

// As cert-manager 1.18 writes them when Cloudflare does not take the token.
const condition = (type: string, status: string, reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
});
const named = (kind: string, name: string, owner?: [kind: string, name: string]) => ({
  ...{ apiVersion: 'cert-manager.io/v1', kind },
  metadata: {
    ...{ name, namespace: 'traefik' },
    ...(owner && { ownerReferences: [{ kind: owner[0], name: owner[1] }] }),
  },
});

const certificate: Certificate = {
  ...named('Certificate', 'wildcard'),
  spec: { dnsNames: ['*.staging.example.com'], issuerRef: { kind: 'ClusterIssuer', name: 'letsencrypt' } },
  status: {
    conditions: [
      condition('Ready', 'False', 'DoesNotExist', 'Issuing certificate as Secret does not exist'),
      condition('Issuing', 'True', 'DoesNotExist', 'Issuing certificate as Secret does not exist'),
    ],
  },
};
const chain = (): Chain => ({
  issuers: [
    {
      ...{ apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: 'letsencrypt' } },
      status: { conditions: [condition('Ready', 'True', 'ACMEAccountRegistered', 'registered')] },
    },
  ],
  requests: [
    { ...named('CertificateRequest', 'wildcard-0', ['Certificate', 'other']) },
    {
      ...named('CertificateRequest', 'wildcard-1', ['Certificate', 'wildcard']),
      status: {
        conditions: [
          condition('Approved', 'True', 'cert-manager.io', 'approved'),
          condition(
            'Ready',
            'False',
            'Pending',
            'Waiting on certificate issuance from order traefik/wildcard-1-7: "pending"',
          ),
        ],
      },
    },
  ],
  orders: [
    { ...named('Order', 'wildcard-1-7', ['CertificateRequest', 'wildcard-1']), status: { state: 'pending' } },
  ],
  challenges: [
    {
      ...named('Challenge', 'wildcard-1-7-9', ['Order', 'wildcard-1-7']),
      spec: { type: 'DNS-01', dnsName: 'staging.example.com' },
      status: {
        state: 'pending',
        reason: 'while querying the Cloudflare API for GET "/zones": Error: 9109: Invalid access token',
      },
    },
    { ...named('Challenge', 'passed', ['Order', 'wildcard-1-7']), status: { state: 'valid' } },
  ],
  events: [
    {
      ...named('Event', 'e'),
      ...{ type: 'Warning', reason: 'PresentError', message: 'Error presenting challenge: 9109' },
      involvedObject: { kind: 'Challenge', namespace: 'traefik', name: 'wildcard-1-7-9' },
    },
  ],
});

test('a certificate that waits is explained down to its challenge', () => {
  expect(explainCertificate(certificate, chain())).toEqual([
    'DoesNotExist: Issuing certificate as Secret does not exist',
    'CertificateRequest traefik/wildcard-1: Pending: Waiting on certificate issuance from order traefik/wildcard-1-7: "pending"',
    'Order traefik/wildcard-1-7: pending',
    'Challenge traefik/wildcard-1-7-9: pending (DNS-01 for staging.example.com): while querying the Cloudflare API for GET "/zones": Error: 9109: Invalid access token',
    'event PresentError: Error presenting challenge: 9109',
  ]);
});

test.each<[string, (chain: Chain) => void, string]>([
  ['there is no such issuer', each => (each.issuers = []), 'ClusterIssuer letsencrypt does not exist'],
  [
    'the issuer is not ready',
    each => {
      const [issuer] = each.issuers;
      if (issuer)
        issuer.status = { conditions: [condition('Ready', 'False', 'ErrRegisterACMEAccount', 'no route')] };
    },
    'ClusterIssuer letsencrypt: ErrRegisterACMEAccount: no route',
  ],
  [
    'the authority has refused the order',
    each => {
      const [order] = each.orders;
      if (order) order.status = { state: 'errored', reason: '429 rateLimited: too many certificates' };
    },
    'Order traefik/wildcard-1-7: errored: 429 rateLimited: too many certificates',
  ],
])('%s', (_, change, words) => {
  const found = chain();
  change(found);
  expect(explainCertificate(certificate, found)).toContain(words);
});

test('what has failed and will be tried again is told too', () => {
  const words =
    'The certificate request has failed to complete and will be retried: Failed to wait for order resource "wildcard-1-7" to become ready: order is in "errored" state: ';
  const failed = structuredClone(certificate);
  failed.status = {
    conditions: [
      condition('Ready', 'False', 'DoesNotExist', 'no Secret'),
      condition('Issuing', 'False', 'Failed', words),
    ],
  };
  expect(explainCertificate(failed, chain()).slice(0, 2)).toEqual([
    'DoesNotExist: no Secret',
    `Failed: ${words}`,
  ]);
});

const cluster = (found: KubeObject[] | Error): Kubectl =>
  ({
    list: async (resource: string) => {
      if (found instanceof Error) throw found;
      return resource === 'certificates.cert-manager.io' ? found : [];
    },
  }) as unknown as Kubectl;
const unknown = new KubernetesError('UnknownResource', 'no such kind');
const ready: Certificate = {
  ...certificate,
  status: {
    conditions: [condition('Ready', 'True', 'Ready', 'up to date')],
    notAfter: '2027-02-20T00:00:00Z',
  },
};

const rehearsal: Certificate = {
  ...certificate,
  metadata: { ...certificate.metadata, annotations: { 'argocd.argoproj.io/ignore-healthcheck': 'true' } },
};

test.each<[string, KubeObject[] | Error, boolean, string[]]>([
  ['all are ready', [ready], true, []],
  ['one is not whose health is passed over', [ready, rehearsal], true, []],
  ['one is not', [ready, certificate], true, ['Certificate traefik/wildcard']],
  ['there is none', [], true, ['The cluster']],
  ['there is none, and none is expected', [], false, []],
  ['there is no cert-manager', unknown, true, ['The cluster']],
  ['there is no cert-manager, and none is expected', unknown, false, []],
])('when %s', async (_, found, expected, problems) => {
  const rung = certificates(cluster(found), expected);
  const seen = await rung.look();
  expect(seen.map(({ what }) => what)).toEqual(problems);
  expect((await rung.explain?.(seen))?.map(({ what }) => what)).toEqual(problems);
});
