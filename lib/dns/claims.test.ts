import { expect, test } from 'vitest';
import { type Ingress, type IngressRoute, wishes } from './claims.ts';

const targets = [{ type: 'A' as const, content: '203.0.113.1' }];
const object = (kind: string, name: string) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'shop' },
});
const ingress = (name: string, ...hosts: (string | undefined)[]): Ingress => ({
  ...object('Ingress', name),
  spec: { rules: hosts.map(host => (host === undefined ? {} : { host })) },
});
const route = (name: string, ...rules: string[]): IngressRoute => ({
  ...object('IngressRoute', name),
  spec: { routes: rules.map(match => ({ match })) },
});
const wanted = (ingresses: Ingress[], routes: IngressRoute[]) => wishes({ ingresses, routes }, targets);
const named = ({ claims }: ReturnType<typeof wishes>) =>
  claims.map(({ name, source }) => `${name} ${source}`);

test('every host of every rule is claimed once by its object', () => {
  const found = wanted(
    [ingress('web', 'A.example.com', 'a.example.com', '*.example.com'), ingress('more', 'a.example.com')],
    [route('ui', 'Host(`ui.example.com`) && Path(`/`)', 'Host(`ui.example.com`) || Host(`b.example.com`)')],
  );
  expect(named(found)).toEqual([
    'a.example.com Ingress shop/web',
    '*.example.com Ingress shop/web',
    'a.example.com Ingress shop/more',
    'ui.example.com IngressRoute shop/ui',
    'b.example.com IngressRoute shop/ui',
  ]);
  expect(found).toMatchObject({ unreadable: [], notes: [] });
  expect(found.claims.every(claim => claim.targets === targets)).toBe(true);
});

test('what gives no name is noted, and is no reason to hold others', () => {
  const found = wanted(
    [ingress('hostless', undefined), { ...object('Ingress', 'empty') }],
    [route('all', 'PathPrefix(`/`)'), route('any', 'HostRegexp(`.*`)'), route('sni', 'HostSNI(`*`)')],
  );
  expect(found).toEqual({
    claims: [],
    unreadable: [],
    notes: [
      'Ingress shop/hostless: it has no host, so there is no name for a record',
      'Ingress shop/empty: it has no host, so there is no name for a record',
      'IngressRoute shop/all: it has no host, so there is no name for a record',
      'IngressRoute shop/any: no record can be made of a HostRegexp',
      'IngressRoute shop/sni: it has no host, so there is no name for a record',
    ],
  });
});

test('an object that cannot be read is kept in mind with its text, and its readable routes count', () => {
  const found = wanted(
    [ingress('odd', 'a b.example.com')],
    [
      route('ui', 'Host(`a.example.com`)', 'Host(`b.example.com`'),
      { ...object('IngressRoute', 'no'), spec: { routes: [{}] } },
    ],
  );
  expect(named(found)).toEqual(['a.example.com IngressRoute shop/ui']);
  expect(found.unreadable).toEqual([
    { source: 'Ingress shop/odd', text: 'a b.example.com', reason: '"a b.example.com" is not a host name' },
    {
      source: 'IngressRoute shop/ui',
      text: 'Host(`b.example.com`',
      reason: 'its rule is not understood: "," or ")" expected, the end found',
    },
    {
      source: 'IngressRoute shop/no',
      text: '',
      reason: 'its rule is not understood: a matcher such as Host(`…`) expected, the end found',
    },
  ]);
});
