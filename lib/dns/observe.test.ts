import { expect, test } from 'vitest';
import { type Kubectl, KubernetesError } from '../kubectl/kubectl.ts';
import { observe } from './observe.ts';

test('all kinds that cannot be listed are told at once, when nothing is running any longer', async () => {
  let running = 0;
  const cluster = {
    async list(resource: string) {
      running++;
      await new Promise(resolve => setTimeout(resolve, resource.includes('tcp') ? 20 : 1));
      running--;
      if (resource.includes('traefik')) throw new KubernetesError('UnknownResource', 'no such kind');
      return [];
    },
  } as Partial<Kubectl> as Kubectl;
  const looked = observe(cluster, ['ingress', 'ingressroute', 'ingressroutetcp'], { targets: [] });
  await expect(looked).rejects.toThrow(
    /^Could not list ingressroutes\.traefik\.io: .*\nCould not list ingressroutetcps\.traefik\.io: it is not installed/,
  );
  expect(running).toBe(0);
});
