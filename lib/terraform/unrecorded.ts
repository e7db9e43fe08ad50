import type { Exoscale, Thing, ThingKind } from '../exoscale/exoscale.ts';
import { UserError } from '../runner/errors.ts';
import type { StateResource } from './client.ts';
import type { Plan, StateModule } from './model.ts';

/*
 * Exoscale lets two clusters, node pools or load balancers have one name. A creation whose answer got lost, or that was
 * broken off, leaves one that is in no state; the provider or the next apply then makes a second, and both are paid for, or
 * fails because the name is taken.
 */

/** What the provider calls a thing's attributes. */
type Attributes = Record<string, unknown>;

/** What a plan would create, and is there already. */
export interface Existing {
  /** `load balancer shop-staging` */
  what: string;
  address: string;
  /** What `terraform import` takes; more than one when there are several of the name. */
  ids: string[];
  /** Whether the first has the description and the labels that it was to get: what somebody else has made has others. */
  isAsPlanned: boolean;
}

interface Found {
  id: string;
  thing: Pick<Thing, 'description' | 'labels'>;
}

interface Kind {
  word: string;
  find(after: Attributes, api: Exoscale): Promise<Found[]>;
}

const named =
  ({ name }: Attributes) =>
  (thing: { name: string }): boolean =>
    thing.name === name;

const asFound =
  <T extends Found['thing']>(idOf: (thing: T) => string) =>
  (thing: T): Found => ({ id: idOf(thing), thing });

/** Things within one that the state knows: as long as that is being created, there is nothing in it. */
async function within(parent: unknown, all: Promise<Thing[]>): Promise<Thing | undefined> {
  return typeof parent === 'string' ? (await all).find(({ id }) => id === parent) : undefined;
}

/** The ids are as the provider's documentation has them, one page a resource. */
const kinds = new Map<string, Kind>(
  Object.entries({
    exoscale_sks_cluster: {
      word: 'SKS cluster',
      find: async (after, api) =>
        (await api.things('sks-cluster')).filter(named(after)).map(asFound(({ id }) => `${id}@${api.zone}`)),
    },
    exoscale_sks_nodepool: {
      word: 'node pool',
      async find(after, api) {
        const cluster = await within(after.cluster_id, api.things('sks-cluster'));
        const pools = cluster?.nodepools ?? [];
        return pools.filter(named(after)).map(asFound(({ id }) => `${cluster?.id}/${id}@${api.zone}`));
      },
    },
    exoscale_nlb: {
      word: 'load balancer',
      find: async (after, api) =>
        (await api.things('load-balancer'))
          .filter(named(after))
          .map(asFound(({ id }) => `${id}@${api.zone}`)),
    },
    exoscale_nlb_service: {
      word: 'service of the load balancer',
      async find(after, api) {
        const balancer = await within(after.nlb_id, api.things('load-balancer'));
        const services = balancer?.services ?? [];
        return services.filter(named(after)).map(asFound(({ id }) => `${balancer?.id}/${id}@${api.zone}`));
      },
    },
    exoscale_security_group: {
      word: 'security group',
      find: async (after, api) =>
        (await api.things('security-group')).filter(named(after)).map(asFound(({ id = '' }) => id)),
    },
    exoscale_security_group_rule: {
      word: 'rule of the security group',
      async find(after, api) {
        const group = await within(after.security_group_id, api.things('security-group'));
        const wanted = [
          after.description,
          String(after.type).toLowerCase(),
          String(after.protocol).toLowerCase(),
          after.start_port,
          after.end_port,
          after.icmp_type,
          after.icmp_code,
          after.cidr,
          after.user_security_group_id,
        ];
        const same = (group?.rules ?? []).filter(rule =>
          [
            rule.description,
            rule['flow-direction'],
            rule.protocol,
            rule['start-port'],
            rule['end-port'],
            rule.icmp?.type,
            rule.icmp?.code,
            rule.network,
            rule['security-group']?.id,
          ].every((value, index) => (value ?? null) === (wanted[index] ?? null)),
        );
        return same.map(asFound(({ id }) => `${group?.id}/${id}`));
      },
    },
    exoscale_anti_affinity_group: {
      word: 'anti-affinity group',
      find: async (after, api) =>
        (await api.things('anti-affinity-group')).filter(named(after)).map(asFound(({ id = '' }) => id)),
    },
    exoscale_dbaas: {
      word: 'database',
      find: async (after, api) =>
        (await api.things('dbaas-service'))
          .filter(named(after))
          .map(asFound(({ name }) => `${name}@${api.zone}`)),
    },
  }),
);

/** Something of these kinds, by the attributes that it is to have or has. */
interface Sought {
  address: string;
  type: string;
  attributes: Attributes;
}

const creations = ({ changes }: Plan, actions = ['create']): Sought[] =>
  changes.flatMap(({ address, type, action, change }) =>
    actions.includes(action) ? [{ address, type, attributes: (change.after ?? {}) as Attributes }] : [],
  );

/** @param isKnown whether the state has what an import takes by this id, at another address than this one */
async function look(
  sought: readonly Sought[],
  api: Exoscale,
  isKnown: (id: string, address: string) => boolean,
): Promise<Existing[]> {
  const lists = new Map<ThingKind, Promise<Thing[]>>();
  const once = (kind: ThingKind) => {
    const list = lists.get(kind) ?? api.things(kind);
    lists.set(kind, list);
    return list;
  };
  const existing: Existing[] = [];
  for (const { address, type, attributes } of sought) {
    const kind = kinds.get(type);
    const isElsewhere = typeof attributes.zone === 'string' && attributes.zone !== api.zone;
    if (!kind || isElsewhere) continue;
    const all = (await kind.find(attributes, { ...api, things: once })).filter(
      ({ id }) => !isKnown(id, address),
    );
    const [first] = all;
    if (!first) continue;
    const name = attributes.name ?? attributes.description ?? '';
    existing.push({
      what: `${kind.word} ${name}`,
      address,
      ids: all.map(({ id }) => id),
      isAsPlanned: isAsPlanned(first, attributes),
    });
  }
  return existing;
}

function isAsPlanned({ thing }: Found, { description, labels }: Attributes): boolean {
  const wanted = Object.entries((labels ?? {}) as Record<string, unknown>);
  return (
    (thing.description ?? '') === (description ?? '') &&
    wanted.every(([name, value]) => thing.labels?.[name] === value)
  );
}

/** The ids of all that Terraform knew of when it planned: under another address it may be on its way out. */
function known({ file }: Plan): Set<unknown> {
  const idOf = (values: unknown) => (values as { id?: unknown } | null | undefined)?.id;
  const inModule = ({ resources = [], child_modules = [] }: StateModule): unknown[] => [
    ...resources.map(({ values }) => idOf(values)),
    ...child_modules.flatMap(inModule),
  ];
  return new Set([
    ...(file.resource_changes ?? []).map(({ change }) => idOf(change.before)),
    ...inModule(file.prior_state?.values?.root_module ?? {}),
  ]);
}

/** PARENT/ID@ZONE here, and ID in the state. */
const inState = (id: string): string | undefined => id.replace(/@.*$/, '').split('/').at(-1);

/** What of the things that a plan creates is there already, and in no state: asked before an apply. */
export async function existing(plan: Plan, api: Exoscale): Promise<Existing[]> {
  const ours = known(plan);
  return look(creations(plan), api, id => ours.has(inState(id)));
}

/** What to say of each that is there already: how it is taken over. */
export const seconds = (found: readonly Existing[]): UserError[] =>
  found.map(({ what, address, ids }) =>
    ids.length > 1
      ? new UserError(
          `There are ${ids.length} of the ${what} that Terraform's state does not know (${ids.join(', ')}): take one over with ${importing(address, ids[0])}, and delete the others`,
        )
      : new UserError(
          `There is a ${what} (${ids[0]}) that Terraform's state does not know, and this apply would make a second one: take it over with ${importing(address, ids[0])}, or delete it`,
        ),
  );

// A shell takes the quotes off a key: ingress["http"].
const importing = (address: string, id = ''): string =>
  `"terraform import '${address}' ${id}", after a "terraform state rm" if the state has something at this address`;

/**
 * Asked after an apply, whether it failed or not.
 * @param recorded reads the state, which knows all attributes by now, also where a pool is
 * @returns what to say of each of which there are two, and the plan has created one
 */
export async function doubles(
  plan: Plan,
  recorded: () => Promise<StateResource[]>,
  api: Exoscale,
): Promise<UserError[]> {
  const created = creations(plan, ['create', 'replace']).filter(({ type }) => kinds.has(type));
  if (created.length === 0) return [];
  const present = await recorded();
  const values = new Map(present.map(each => [each.address, each.values]));
  const sought = created.map(each => ({ ...each, attributes: values.get(each.address) ?? each.attributes }));
  // Two may be alike and both be wanted.
  const holder = new Map(present.map(each => [each.values.id, each.address]));
  const isOther = (id: string, address: string) => (holder.get(inState(id)) ?? address) !== address;
  return (await look(sought, api, isOther))
    .filter(({ ids }) => ids.length > 1)
    .map(
      ({ what, ids }) =>
        new UserError(
          `There are ${ids.length} of the ${what} (${ids.join(', ')}), as the answer to a creation got lost: delete the one that Terraform's state does not know`,
        ),
    );
}
