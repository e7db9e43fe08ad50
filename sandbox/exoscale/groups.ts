import { type Static, Type } from 'typebox';
import { type Account, type Instance, newId, type Rule } from './account.ts';
import type { Api, Id } from './api.ts';
import { closed, description, name, oneOf, optional, port, uuid } from './bodies.ts';
import { find, Refusal, remove } from './refusal.ts';

const cidr = Type.String({
  pattern: '^([0-9.]+/(3[0-2]|[12]?[0-9])|[0-9a-f:]+/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$',
});
const icmpNumber = Type.Integer({ minimum: -1, maximum: 254 });

const group = closed({ name, description: optional(description) });

const rule = closed({
  'flow-direction': oneOf('ingress', 'egress'),
  protocol: oneOf('tcp', 'udp', 'icmp', 'icmpv6', 'esp', 'ah', 'gre', 'ipip'),
  description: optional(description),
  network: optional(cidr),
  'start-port': optional(port),
  'end-port': optional(port),
  icmp: optional(closed({ type: optional(icmpNumber), code: optional(icmpNumber) })),
  'security-group': optional(
    closed({ id: optional(uuid), name: optional(name), visibility: optional(oneOf('private', 'public')) }),
  ),
});

type Created = { Body: Static<typeof group> };
type Ruled = Id & { Body: Static<typeof rule> };

/** Security groups with their rules, and anti-affinity groups: the organization's, in no zone. */
export function groups({ app, account, operations, zone }: Api): void {
  app.get('/security-group', async () => ({ 'security-groups': account.securityGroups }));
  app.get<Id>('/security-group/:id', async request => find(account.securityGroups, request.params.id));

  app.post<Created>('/security-group', { schema: { body: group } }, async request => {
    assertFree(account.securityGroups, request.body.name);
    const created = { id: newId(), ...request.body, rules: [] };
    account.securityGroups.push(created);
    return operations.start(zone(request), 'security-group', created.id);
  });

  app.delete<Id>('/security-group/:id', async request => {
    const { id } = request.params;
    const group = find(account.securityGroups, id);
    if (isUsed(account, 'security-groups', id))
      throw new Refusal(409, "Cannot delete group when it's in use by virtual machines");
    const rules = account.securityGroups.flatMap(other => other.rules);
    if (rules.some(rule => rule['security-group']?.id === id))
      throw new Refusal(409, "Cannot delete group when it's in use by rules"); // its own rules count
    remove(account.securityGroups, group);
    return operations.start(zone(request), 'security-group', id);
  });

  app.post<Ruled>('/security-group/:id/rules', { schema: { body: rule } }, async request => {
    const group = find(account.securityGroups, request.params.id);
    assertSound(request.body, account);
    group.rules.push({ id: newId(), ...request.body });
    return operations.start(zone(request), 'security-group', group.id);
  });

  app.delete<{ Params: { id: string; rule: string } }>('/security-group/:id/rules/:rule', async request => {
    const group = find(account.securityGroups, request.params.id);
    remove(group.rules, find(group.rules, request.params.rule));
    return operations.start(zone(request), 'security-group', group.id);
  });

  app.get('/anti-affinity-group', async () => ({ 'anti-affinity-groups': account.antiAffinityGroups }));
  app.get<Id>('/anti-affinity-group/:id', async request => {
    const group = find(account.antiAffinityGroups, request.params.id);
    const instances = Object.values(account.zones).flatMap(zone => zone.instances);
    return {
      ...group,
      instances: instances.filter(uses('anti-affinity-groups', group.id)).map(({ id }) => ({ id })),
    };
  });

  app.post<Created>('/anti-affinity-group', { schema: { body: group } }, async request => {
    assertFree(account.antiAffinityGroups, request.body.name);
    const created = { id: newId(), ...request.body };
    account.antiAffinityGroups.push(created);
    return operations.start(zone(request), 'anti-affinity-group', created.id);
  });

  app.delete<Id>('/anti-affinity-group/:id', async request => {
    const { id } = request.params;
    const group = find(account.antiAffinityGroups, id);
    if (isUsed(account, 'anti-affinity-groups', id))
      throw new Refusal(409, "Cannot delete group when it's in use by virtual machines");
    remove(account.antiAffinityGroups, group);
    return operations.start(zone(request), 'anti-affinity-group', id);
  });
}

type Grouped = Pick<Instance, 'anti-affinity-groups' | 'security-groups'>;
const uses = (kind: keyof Grouped, id: string) => (user: Grouped) =>
  user[kind].some(group => group.id === id);

const isUsed = (account: Account, kind: keyof Grouped, id: string): boolean =>
  Object.values(account.zones)
    .flatMap(zone => [...zone.instances, ...zone.instancePools])
    .some(uses(kind, id));

function assertFree(groups: readonly { name: string }[], name: string): void {
  if (groups.some(group => group.name === name))
    throw new Refusal(409, `A group named ${name} exists already`);
}

/** What one property's schema cannot say: ports are for TCP and UDP, and a rule has one peer. */
function assertSound(rule: Omit<Rule, 'id'>, account: Account): void {
  const ported = rule.protocol === 'tcp' || rule.protocol === 'udp';
  const start = rule['start-port'];
  const end = rule['end-port'];
  if (ported !== (start !== undefined && end !== undefined) || (start ?? 0) > (end ?? 0))
    throw new Refusal(400, `A ${rule.protocol} rule ${ported ? 'needs a range of ports' : 'has no ports'}`);
  if (rule.icmp && !rule.protocol.startsWith('icmp'))
    throw new Refusal(400, `A ${rule.protocol} rule has no ICMP type`);
  const peer = rule['security-group'];
  if ((peer === undefined) === (rule.network === undefined))
    throw new Refusal(400, 'A rule needs either a network or a security group');
  if (peer?.id !== undefined) find(account.securityGroups, peer.id);
}
