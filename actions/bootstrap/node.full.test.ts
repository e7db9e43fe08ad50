import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterWorld, clusterWorld } from '../../sandbox/cluster-world.ts';
import { isInside, unshared } from '../../sandbox/internet.ts';
import { doctor } from '../../sandbox/node/doctor.ts';
import type { StepResult } from '../../sandbox/runner.ts';
import { serviceFolder } from '../../sandbox/service-folder.ts';
import { publishAll } from '../../sandbox/shop.ts';

/*
 * What bootstrap says of troubles when Argo CD is the real one and pods are real: what only they can say, and what a
 * stand-in might say otherwise. A process cannot change its network: this file runs once more in one of its own.
 */

const services = ['ui', 'product', 'user-manager'];
const root = join(import.meta.dirname, '../..');

test.runIf(!isInside() && doctor().length === 0)('on a real node, in a network of its own', async () => {
  await Promise.all(services.map(serviceFolder)); // asks npm, where there is a network
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
  const { file, argv, env } = unshared(
    [vitest, 'run', '--project=full', '--retry=0', import.meta.filename],
    Object.fromEntries(inherited),
  );
  const inside = spawn(file, argv, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, wrong, [code]] = await Promise.all([
    text(inside.stdout),
    text(inside.stderr),
    once(inside, 'exit'),
  ]);
  expect(code, said + wrong).toBe(0);
});

describe.runIf(isInside())('one cluster, in this order', () => {
  let world: ClusterWorld;
  const hub = (repository: string) => world.sandbox.github.repository(repository);
  const pin = (service: string) => `manifests/environments/staging/${service}.yaml`;
  const file = (path: string): string => world.shop.files[path] ?? '';
  const bootstrap = (minutes: string, token: string) =>
    world.step('bootstrap', { 'timeout-minutes': minutes, 'repository-token': token });
  const about = ({ annotations, log }: StepResult, name: string): string =>
    annotations.map(({ message }) => message).find(each => each.startsWith(`Application ${name}:`)) ?? log;

  let token: string;
  let first: StepResult;
  beforeAll(async () => {
    world = await clusterWorld({ full: true });
    await publishAll(world.sandbox, world.shop);
    for (const slug of [world.shop.platform, ...Object.values(world.shop.services)])
      hub(slug).setPrivate(true);
    token = world.sandbox.github.token('reader');

    const absent = (service: string) =>
      file(pin(service)).replace(`/${service}:v0.1.0`, `/${service}:v9.9.9`);
    const broken = await hub('acme/user-manager').commit({
      files: { 'deploy/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: user-manager\n' },
      message: 'Break the manifest',
    });
    await world.commit({
      [pin('ui')]: absent('ui'),
      [pin('product')]: absent('product'),
      [pin('user-manager')]: file(pin('user-manager')).replace(
        'targetRevision: v0.1.0',
        `targetRevision: ${broken}`,
      ),
    });
    first = await bootstrap('5', token);
  });
  afterAll(() => world?.close());

  test('private repositories are read with a token, and what is in no trouble arrives', () => {
    expect(first.code, first.log).toBe(1);
    for (const name of ['argocd', 'traefik', 'shop'])
      expect(first.log).toMatch(new RegExp(`\\n${name}: Synced, Healthy at [0-9a-f]{7}\\n`));
    for (const name of ['argocd', 'traefik', 'shop']) expect(about(first, name)).toBe(first.log);
  });

  test('an image that does not exist is named with what the node says', () => {
    expect(about(first, 'ui')).toMatch(
      /Pod shop\/ui-[\w-]+: container ui (ErrImagePull|ImagePullBackOff): .*ghcr\.io\/acme\/ui:v9\.9\.9/,
    );
  });

  test('an image that does not exist is named also where a migration waits for it', () => {
    expect(about(first, 'product')).toMatch(/waiting for completion of hook batch\/Job\/product-migration/);
    expect(about(first, 'product')).toMatch(
      /Pod shop\/product-migration-\w+: container migration (ErrImagePull|ImagePullBackOff): .*ghcr\.io\/acme\/product:v9\.9\.9/,
    );
  });

  test('a bad manifest in one service is named with its file', () => {
    expect(about(first, 'user-manager')).toMatch(/ComparisonError: .*service\.yaml/s);
  });

  test('a token that was revoked is named, and what to do about it', async () => {
    await world.commit(Object.fromEntries(services.map(service => [pin(service), file(pin(service))])));
    const result = await bootstrap('3', 'ghp_revoked');
    expect(result.code, result.log).toBe(1);
    expect(about(result, 'root')).toMatch(/ComparisonError: .*Invalid username or token/s);
    expect(about(result, 'root')).toMatch(
      /Argo CD may not read https:\/\/github\.com\/acme\/platform: give a token .* "repository-token"/,
    );
    expect(result.log).not.toContain('ghp_revoked');
  });

  test('mended, the next run comes to its end', async () => {
    const mended = await bootstrap('8', token);
    expect(mended.code, mended.log).toBe(0);
    expect(mended.log).toContain('7 Applications are Synced and Healthy\n');
    // Argo CD itself would have waited for the migration that cannot begin until its ten minutes are over.
    expect(mended.annotations.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(
        /^Application product: .* Job shop\/product-migration, which could not begin, and was ended$/,
      ),
    );
    expect(world.sandbox.egress.refused).toEqual([]);
  });
});
