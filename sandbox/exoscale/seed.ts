import { type Account, newId } from './account.ts';

/**
 * What others own in the same organization, under names that a careless match would take for ours: a sweep that touches
 * any of it is wrong.
 */
export function seed(account: Account, createdAt: string): void {
  const zone = account.zones['ch-gva-2'];
  if (!zone) throw new Error('there is no zone ch-gva-2');
  zone.loadBalancers.push({
    id: newId(),
    name: 'workshop-staging',
    description: 'Team Blue',
    labels: { team: 'blue' },
    ip: '203.0.113.10',
    state: 'running',
    'created-at': createdAt,
    services: [],
  });
  zone.volumes.push({
    id: newId(),
    name: 'pvc-0c8fd0a2-5a2e-4c55-a4f5-3a3a4f7f2f10',
    size: 10,
    state: 'detached',
    'created-at': createdAt,
    labels: {},
  });
  account.securityGroups.push(
    { id: newId(), name: 'default', description: 'Default Security Group', rules: [] },
    {
      id: newId(),
      name: 'workshop-staging-nodes',
      description: 'Team Blue',
      rules: [
        {
          id: newId(),
          'flow-direction': 'ingress',
          protocol: 'tcp',
          network: '0.0.0.0/0',
          'start-port': 443,
          'end-port': 443,
        },
      ],
    },
  );
  account.antiAffinityGroups.push({ id: newId(), name: 'workshop-staging', description: 'Team Blue' });
}
