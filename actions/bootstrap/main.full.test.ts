import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';

let world: ClusterWorld;
beforeAll(async () => {
  world = await clusterWorld();
});
afterAll(() => world?.close());

const bootstrap = (inputs?: Record<string, string>) => world.step('bootstrap', inputs);

test('what does not become ready is named with its reasons, and mending it is enough', async () => {
  const pin = (service: string) => `manifests/environments/staging/${service}.yaml`;
  const stuck = (world.shop.files[pin('ui')] ?? '').replace(
    '      patches:\n',
    `      patches:
        - target: { kind: Deployment }
          patch: |
            - { op: add, path: /spec/template/spec/nodeSelector, value: { disk: none } }
`,
  );
  const astray = (world.shop.files[pin('product')] ?? '').replace('path: deploy', 'path: nowhere');
  await world.commit({ [pin('ui')]: stuck, [pin('product')]: astray });

  // Long enough for Argo CD to look on a machine that is busy: what cannot become ready takes all of it.
  const { code, annotations, log } = await bootstrap({ 'timeout-minutes': '3' });
  expect(code, log).toBe(1);
  const [headline, ...reasons] = annotations.map(({ message }) => message);
  expect(headline).toMatch(
    /^3 min are over, waiting for the Applications, not done: .*product.*; mend what is named/,
  );
  const product = reasons.find(each => each.startsWith('Application product'));
  expect(product).toMatch(/ComparisonError: .*nowhere/);
  const ui = reasons.find(each => each.startsWith('Application ui'));
  expect(ui).toMatch(/it is Progressing/);
  expect(ui).toMatch(/Pod shop\/ui-.*: Unschedulable: .*node affinity\/selector/);

  await world.commit({
    [pin('ui')]: world.shop.files[pin('ui')] ?? '',
    [pin('product')]: world.shop.files[pin('product')] ?? '',
  });
  const mended = await bootstrap({ 'timeout-minutes': '3' });
  expect(mended.code, mended.log).toBe(0);
});

const secret = async (): Promise<Record<string, string>> => {
  const { body } = await world.cluster.api('GET', '/api/v1/namespaces/shop/secrets/database');
  return (body as { data?: Record<string, string> }).data ?? {};
};

test('what somebody changed by hand is shown and put back', async () => {
  const database = await secret();
  await world.cluster.api('PUT', '/api/v1/namespaces/shop/secrets/database', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'database' },
    data: { ...database, password: btoa('wrong') },
  });
  const rehearsal = await bootstrap({ 'dry-run': 'true' });
  expect(rehearsal.log).toContain('~ Secret shop/database\n    data.password: another value (hidden)\n');
  expect(rehearsal.log).toContain('\nstaging: 0 to create, 1 to change\n');
  expect(await secret()).not.toEqual(database);

  const { log } = await bootstrap();
  expect(log).toContain('\nstaging: 0 created, 1 changed; 7 Applications');
  expect(await secret()).toEqual(database);
});
