import { newId, zoneNames } from './account.ts';
import type { Api, Id } from './api.ts';
import { find } from './refusal.ts';

// https://www.exoscale.com/compute/, memory in GiB
const sizes: [family: string, size: string, cpus: number, memory: number][] = [
  ['standard', 'micro', 1, 0.5],
  ['standard', 'tiny', 1, 1],
  ['standard', 'small', 2, 2],
  ['standard', 'medium', 2, 4],
  ['standard', 'large', 4, 8],
  ['standard', 'extra-large', 4, 16],
  ['standard', 'huge', 8, 32],
  ['standard', 'mega', 12, 64],
  ['cpu', 'extra-large', 8, 16],
  ['memory', 'extra-large', 4, 32],
];

export const instanceTypes = sizes.map(([family, size, cpus, memory]) => ({
  id: newId(),
  family,
  size,
  cpus,
  memory: memory * 2 ** 30,
  authorized: true,
  zones: zoneNames,
}));

/** Zones, instance types, and to be read only what a cluster makes: instance pools, instances, volumes. */
export function compute({ app, here }: Api): void {
  app.get('/zone', async () => ({
    zones: zoneNames.map(name => ({
      name,
      'api-endpoint': `https://api-${name}.exoscale.com/v2`,
      'sos-endpoint': `https://sos-${name}.exo.io`,
    })),
  }));
  app.get('/instance-type', async () => ({ 'instance-types': instanceTypes }));
  app.get<Id>('/instance-type/:id', async request => find(instanceTypes, request.params.id));
  app.get('/instance-pool', async request => ({ 'instance-pools': here(request).instancePools }));
  app.get<Id>('/instance-pool/:id', async request => find(here(request).instancePools, request.params.id));
  app.get('/block-storage', async request => ({ 'block-storage-volumes': here(request).volumes }));
  app.get('/instance', async request => ({ instances: here(request).instances }));
  app.get<Id>('/instance/:id', async request => find(here(request).instances, request.params.id));
}
