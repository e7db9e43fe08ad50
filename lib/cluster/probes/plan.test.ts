import { expect, test } from 'vitest';
import { planProbes } from './plan.ts';
import { question } from './render.ts';
import { type IngressRoute, type Middleware, routesOf } from './routes.ts';

type Rule = [match: string, middlewares: string[], priority?: number];

const route = (name: string, rules: Rule[], entryPoints = ['websecure']): IngressRoute => ({
  ...{ apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', metadata: { name, namespace: 'shop' } },
  spec: {
    entryPoints,
    routes: rules.map(([match, names, priority]) => ({
      ...{ match, middlewares: names.map(name => ({ name })) },
      ...(priority && { priority }),
    })),
  },
});
const middleware = (name: string, spec: Middleware['spec']): Middleware => ({
  ...{ apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware', metadata: { name, namespace: 'shop' } },
  ...(spec && { spec }),
});
const middlewares = [
  middleware('anonymous', {}),
  middleware('auth', { forwardAuth: {} }),
  middleware('auth-admin', { forwardAuth: {} }),
  middleware('all', { chain: { middlewares: [{ name: 'anonymous' }, { name: 'auth' }, { name: 'all' }] } }),
];

const planned = (routes: IngressRoute[], hosts: string[] = []) => {
  const { probes, unasked } = planProbes(routesOf(routes, middlewares), hosts);
  const asked = probes
    .filter(({ kind }) => kind === 'open' || kind === 'guarded')
    .map(probe => `${probe.kind} ${probe.host} ${question(probe)}`);
  return { asked, unasked, hosts: [...new Set(probes.map(({ host }) => host))] };
};
const refused = (what: string) =>
  ['without a session', 'made-up X-Auth-*', 'made-up X_Auth_*'].map(how => `guarded ${what}, ${how}`);

test("the shop's own routes: each is asked what comes to it and to no other", () => {
  const { asked, unasked, hosts } = planned([
    route('ui', [['Host(`shop.x`)', ['anonymous']]]),
    route('product', [
      ['Host(`api.x`) && PathPrefix(`/products`) && (Method(`GET`) || Method(`HEAD`))', ['anonymous']],
      ['Host(`api.x`) && PathPrefix(`/products`)', ['auth-admin']],
      ['Host(`api.x`) && PathPrefix(`/orders`)', ['auth']],
    ]),
    route('user-manager', [['Host(`api.x`) && PathPrefix(`/auth/`)', ['anonymous']]]),
  ]);
  expect(hosts).toEqual(['api.x', 'shop.x']);
  expect(asked).toEqual([
    'open shop.x GET /',
    'open api.x GET /products',
    // Reading is open to everybody there, so the door is tried by writing, to a path that no service has.
    ...refused('api.x POST /products/slipway-probe'),
    ...refused('api.x GET /orders'),
    'open api.x GET /auth/',
  ]);
  expect(unasked).toEqual([]);
});

test.each<[string, Middleware['spec'], string[]]>([
  ['all of them', { headers: { customRequestHeaders: { 'X-Auth-User': '', 'x-auth-role': '' } } }, []],
  ['one', { headers: { customRequestHeaders: { 'X-Auth-User': '' } } }, ['X-Auth-Role']],
  [
    'none, as it sets them',
    { headers: { customRequestHeaders: { 'X-Auth-User': 'x', 'X-Auth-Role': 'y' } } },
    ['X-Auth-User', 'X-Auth-Role'],
  ],
])('an open route blanks %s', (_, anonymous, credulous) => {
  const auth = middleware('auth', { forwardAuth: { authResponseHeaders: ['X-Auth-User', 'X-Auth-Role'] } });
  const rules = [['Host(`a.x`)', ['all']] as Rule, ['Host(`b.x`)', ['auth']] as Rule];
  const all = middleware('all', { chain: { middlewares: [{ name: 'open' }] } });
  const { routes } = routesOf([route('a', rules)], [all, middleware('open', anonymous), auth]);
  expect(routes.map(each => each.credulous)).toEqual([credulous, []]);
});

test('a host of the platform that no route names is asked all the same', () => {
  expect(planned([], ['shop.x']).asked).toEqual(['open shop.x GET /']);
});

test.each<[string, Rule[], string[]]>([
  ['a chain that asks', [['Host(`a.x`)', ['all']]], refused('a.x GET /')],
  ['a middleware that is not there', [['Host(`a.x`)', ['nobody']]], refused('a.x GET /')],
  ['none', [['Host(`a.x`)', []]], ['open a.x GET /']],
])('whether a route must refuse: %s', (_, rules, expected) => {
  expect(planned([route('a', rules)]).asked).toEqual(expected);
});

test('a priority that is written counts more than the length', () => {
  const { asked, unasked } = planned([
    route('a', [
      ['Host(`a.x`)', [], 100],
      ['Host(`a.x`) && PathPrefix(`/longer`)', ['auth']],
    ]),
  ]);
  expect(asked).toEqual(['open a.x GET /']);
  expect(unasked).toEqual([
    expect.stringContaining('IngressRoute shop/a: no request is sure to come to this rule'),
  ]);
});

test('what cannot be asked without doing harm, or at all, is named', () => {
  const { asked, unasked } = planned([
    route('a', [
      ['Host(`a.x`) && Path(`/reset`) && Method(`DELETE`)', ['auth']],
      ['Host(`a.x`) && Method(`POST`)', []],
      ['Host(`a.x`) && ClientIP(`10.0.0.0/8`)', ['auth']],
      ['Host(`*.x`)', []],
    ]),
    route('dashboard', [['Host(`d.x`)', []]], ['traefik']),
  ]);
  expect(asked).toEqual([]);
  expect(unasked).toEqual([
    expect.stringMatching(/^IngressRoute shop\/a: its rule asks for ClientIP/),
    expect.stringMatching(/no harm: .*DELETE/),
    expect.stringMatching(/no harm: .*POST/),
    expect.stringMatching(/no harm: Host\(`\*\.x`\)/),
  ]);
});
