import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { routes, traefikArguments } from './routes.ts';

const root = dirname(dirname(import.meta.dirname));
const place = {
  hosts: { ui: 'shop.test', product: 'api.test', 'user-manager': 'api.test' },
  services: { ui: 'http://127.0.0.1:1', product: 'http://127.0.0.1:2', 'user-manager': 'http://127.0.0.1:3' },
  shopOrigin: 'http://shop.test:4',
};
const { http } = routes(root, place) as {
  http: {
    middlewares: Record<string, object>;
    routers: Record<string, { rule: string; middlewares: string[]; service: string; entryPoints: string[] }>;
  };
};

test('every route has a host of this machine, and a service and middlewares that are there', () => {
  expect(Object.keys(http.routers).length).toBeGreaterThan(4);
  for (const { rule, middlewares, service } of Object.values(http.routers)) {
    expect(rule).toMatch(/^Host\(`(shop|api)\.test`\)/);
    expect(Object.keys(http.middlewares)).toEqual(expect.arrayContaining(middlewares));
    expect(Object.keys(place.services)).toContain(service);
  }
});

test('orders are for whoever is logged in; the ledger, accounts and the log for administrators; the catalogue for everybody', () => {
  const of = (part: string) =>
    Object.values(http.routers)
      .filter(({ rule }) => rule.includes(part))
      .map(({ middlewares }) => middlewares.at(-1));
  expect(of('`/orders`')).toEqual(['shop-auth']);
  expect(of('`/stock-ledger`')).toEqual(['shop-auth-admin']);
  expect(of('`/auth/users`')).toEqual(['shop-auth-admin']);
  expect(of('`/auth/audit-log`')).toEqual(['shop-auth-admin']);
  expect(of('`/products`')).toEqual(['shop-anonymous', 'shop-auth-admin']);
});

test('middlewares speak of this machine alone', () => {
  expect(http.middlewares).toMatchObject({
    'shop-auth-admin': { forwardAuth: { address: 'http://127.0.0.1:3/auth?require=admin' } },
    'shop-cors': { headers: { accessControlAllowOriginList: ['http://shop.test:4'] } },
  });
  expect(JSON.stringify(http)).not.toMatch(/cluster\.local|\.localhost/);
});

test('Traefik is told what the Deployment tells it, but for the cluster and the certificate', () => {
  const given = traefikArguments(root, { address: '127.0.0.1:4', file: 'routes.yaml' });
  expect(given).toContain('--entrypoints.websecure.http.middlewares=traefik-strict-transport@file');
  expect(given).toContain('--entrypoints.websecure.address=127.0.0.1:4');
  expect(given.join(' ')).not.toMatch(/kubernetes|:8443|tls=true/);
});
