import { expect, test } from 'vitest';
import { Absent } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { Exoscale } from './exoscale.ts';
import { issueKubeconfig } from './kubeconfig.ts';

test('a cluster that is not there is told apart from all that can go wrong', async () => {
  const exoscale = { zone: 'ch-gva-2', findCluster: async () => undefined } as Partial<Exoscale> as Exoscale;
  await expect(issueKubeconfig({} as Runner, exoscale, 'shop-staging', 600)).rejects.toThrow(
    new Absent('There is no SKS cluster shop-staging in ch-gva-2: "apply" creates it'),
  );
  await expect(issueKubeconfig({} as Runner, exoscale, 'shop-staging', 600)).rejects.toBeInstanceOf(Absent);
});
