import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { planeWorld } from '../../scripts/testing/plane.ts';
import { kubectl } from '../kubectl/kubectl.ts';
import { parseFallback } from './fallback.ts';
import { observe } from './observe.ts';
import { parseSources } from './sources.ts';

const { runner, plane, kubeconfig, installAll } = planeWorld();
const fallback = parseFallback('infra/traefik');

test('the rights that the documentation gives are enough, and each of them is needed', async () => {
  await installAll();
  const page = readFileSync(join(import.meta.dirname, '../../actions/dns/README.md'), 'utf8');
  const text = /```yaml\n(apiVersion: rbac[\s\S]*?)```/.exec(page)?.[1] ?? '';
  const [role, binding] = parseAllDocuments(text).map(each => each.toJS() as Record<string, unknown>);
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  const rules = role?.rules as { resources: string[] }[];
  const subjects = [{ kind: 'User', name: 'least', apiGroup: 'rbac.authorization.k8s.io' }];
  await plane().api('POST', path, role);
  await plane().api('POST', `${path.replace('roles', 'rolebindings')}`, { ...binding, subjects });
  const least = kubectl(runner, await kubeconfig('least'));
  const all = parseSources('ingress ingressroute ingressroutetcp httproute service');
  const look = () => Promise.all([observe(least, all, fallback), least.get('namespaces', 'kube-system')]);
  await vi.waitFor(look, { timeout: 20_000, interval: 500 });

  const lines = rules.flatMap(({ resources, ...rule }) =>
    resources.map(each => ({ ...rule, resources: [each] })),
  );
  for (const line of lines) {
    await plane().api('PUT', `${path}/slipway-dns`, { ...role, rules: lines.filter(each => each !== line) });
    const refused = new RegExp(`${line.resources}.*403|403.*${line.resources}`, 's');
    await vi.waitFor(() => expect(look()).rejects.toThrow(refused), { timeout: 20_000, interval: 300 });
  }
});
