import { type Static, Type } from 'typebox';
import { freeAddress, type LoadBalancer, type LoadBalancerService, newId } from './account.ts';
import type { Api, BalancerHook, Id } from './api.ts';
import { closed, description, labels, name, oneOf, optional, port, uuid } from './bodies.ts';
import { ready, settle } from './operations.ts';
import { find, Refusal, remove } from './refusal.ts';

const healthcheck = closed({
  mode: oneOf('tcp', 'http', 'https'),
  port,
  interval: optional(Type.Integer({ minimum: 5, maximum: 300 })),
  timeout: optional(Type.Integer({ minimum: 2, maximum: 60 })),
  retries: optional(Type.Integer({ minimum: 1, maximum: 20 })),
  uri: optional(name),
  'tls-sni': optional(name),
});
const protocol = oneOf('tcp', 'udp');
const strategy = oneOf('round-robin', 'maglev-hash', 'source-hash');

const created = closed({ name, description: optional(description), labels: optional(labels) });
const updated = closed({
  name: optional(name),
  description: optional(description),
  labels: optional(labels),
});
const service = closed({
  name,
  description: optional(description),
  port,
  'target-port': port,
  protocol,
  strategy,
  healthcheck,
  'instance-pool': closed({ id: uuid }),
});
const updatedService = closed({
  name: optional(name),
  description: optional(description),
  port: optional(port),
  'target-port': optional(port),
  protocol: optional(protocol),
  strategy: optional(strategy),
  healthcheck: optional(healthcheck),
});

type Body<T extends Type.TSchema> = { Body: Static<T> };
interface ServiceId {
  Params: { id: string; service: string };
}

/** Network load balancers and their services. Names are not unique: two of one name are two. */
export function loadBalancers(
  { app, account, operations, zone, here, timestamp }: Api,
  hook?: BalancerHook,
): void {
  const kind = 'load-balancer';
  const all = (): LoadBalancer[] => Object.values(account.zones).flatMap(zone => zone.loadBalancers);
  const carry = async () => hook?.changed(all());

  app.get('/load-balancer', async request => ({ 'load-balancers': here(request).loadBalancers }));
  app.get<Id>('/load-balancer/:id', async request => find(here(request).loadBalancers, request.params.id));

  app.post<Body<typeof created>>('/load-balancer', { schema: { body: created } }, async request => {
    const balancer: LoadBalancer = {
      id: newId(),
      'created-at': timestamp(),
      ip: freeAddress(
        '203.0.113',
        all().map(balancer => balancer.ip),
      ),
      labels: {},
      ...request.body,
      state: 'creating',
      services: [],
    };
    here(request).loadBalancers.push(balancer);
    return operations.start(zone(request), kind, balancer.id, () => settle(balancer, async () => {}));
  });

  app.put<Id & Body<typeof updated>>('/load-balancer/:id', { schema: { body: updated } }, async request => {
    const balancer = ready(find(here(request).loadBalancers, request.params.id));
    Object.assign(balancer, request.body);
    return operations.start(zone(request), kind, balancer.id);
  });

  app.delete<Id>('/load-balancer/:id', async request => {
    const { loadBalancers } = here(request);
    const balancer = find(loadBalancers, request.params.id);
    balancer.state = 'deleting';
    return operations.start(zone(request), kind, balancer.id, async () => {
      remove(loadBalancers, balancer);
      await carry();
    });
  });

  app.get<ServiceId>('/load-balancer/:id/service/:service', async request =>
    find(find(here(request).loadBalancers, request.params.id).services, request.params.service),
  );

  app.post<Id & Body<typeof service>>(
    '/load-balancer/:id/service',
    { schema: { body: service } },
    async request => {
      const balancer = ready(find(here(request).loadBalancers, request.params.id));
      const { healthcheck, ...rest } = request.body;
      find(here(request).instancePools, rest['instance-pool'].id);
      assertFree(balancer, rest.port, rest.protocol);
      const added: LoadBalancerService = {
        id: newId(),
        ...rest,
        healthcheck: { interval: 10, timeout: 2, retries: 1, ...healthcheck },
        state: 'creating',
      };
      balancer.services.push(added);
      return operations.start(zone(request), kind, balancer.id, () => settle(added, carry));
    },
  );

  app.put<ServiceId & Body<typeof updatedService>>(
    '/load-balancer/:id/service/:service',
    { schema: { body: updatedService } },
    async request => {
      const balancer = ready(find(here(request).loadBalancers, request.params.id));
      const entry = find(balancer.services, request.params.service);
      const { port = entry.port, protocol = entry.protocol, healthcheck } = request.body;
      assertFree(balancer, port, protocol, entry);
      Object.assign(entry, request.body, { healthcheck: { ...entry.healthcheck, ...healthcheck } });
      return operations.start(zone(request), kind, balancer.id, carry);
    },
  );

  app.delete<ServiceId>('/load-balancer/:id/service/:service', async request => {
    const balancer = ready(find(here(request).loadBalancers, request.params.id));
    remove(balancer.services, find(balancer.services, request.params.service));
    return operations.start(zone(request), kind, balancer.id, carry);
  });
}

function assertFree(balancer: LoadBalancer, port: number, protocol: string, but?: LoadBalancerService): void {
  const taken = balancer.services.some(
    service => service !== but && service.port === port && service.protocol === protocol,
  );
  if (taken) throw new Refusal(409, `Port ${port}/${protocol} is taken by another service`);
}
