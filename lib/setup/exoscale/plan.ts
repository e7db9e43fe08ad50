import type { Quota } from '../../exoscale/account.ts';
import type { Change } from '../change.ts';
import { isProblem, listed, type Row, rowsOf, toExport } from '../row.ts';
import type { Wish } from '../wish.ts';
import { type ExoscaleWorld, type KeyWorld, keyName, secretName } from './observe.ts';
import { judgePolicy } from './read-only.ts';

const row = rowsOf('Exoscale');

/** Pure. */
export function planExoscale(wish: Wish, world: ExoscaleWorld): Row[] {
  return [
    ...world.unset.map(({ environments, variables }) =>
      row(
        `key of ${listed(environments)}`,
        'unknown',
        `not looked at: ${listed(variables)} are not set here`,
        {
          todo: toExport(variables),
        },
      ),
    ),
    ...world.keys.flatMap(key => keyRows(wish, world, key)),
    bucketRow(wish, world),
    ...dumpsRow(wish, world),
    quotaRow(wish, world),
  ];
}

/**
 * Secrets that are not to be set as they are in the terminal, with the environments that would get them. Where pull requests
 * run it takes a proof: a key about which there is a doubt may write.
 */
export function unfitKeys(wish: Wish, world: ExoscaleWorld): [secret: string, environments: string[]][] {
  const isUnfit = (key: KeyWorld) =>
    keyRows(wish, world, key).some(each => (key.readOnly ? each.state !== 'ok' : isProblem(each)));
  const unfit = world.keys.filter(isUnfit).flatMap(({ environments }) => environments);
  return [keyName, secretName].map(name => [name, unfit]);
}

const another = 'make a key at https://portal.exoscale.com/iam, and give both halves of it';

function keyRows({ platform }: Wish, { keys }: ExoscaleWorld, key: KeyWorld): Row[] {
  const name = `key of ${listed(key.environments)}`;
  if ('unreadable' in key.zones) return [row(name, 'wrong', key.zones.unreadable, { todo: another })];
  const { value: zones } = key.zones;
  const absent = [...new Set(key.targets.map(target => platform.environments[target]?.zone ?? ''))].filter(
    zone => zone !== '' && !zones.includes(zone),
  );
  if (absent.length > 0)
    return [
      row(name, 'wrong', `the organization has no zone ${listed(absent)}`, {
        todo: `correct "zone" in platform.yaml: there are ${zones.join(', ')}`,
      }),
    ];
  const first = row(name, 'ok', 'signs, and sees its zone');
  const writing = keys.find(each => !each.readOnly && each.key === key.key);
  return key.readOnly ? [first, readOnlyRow(key, writing)] : [first];
}

function readOnlyRow({ environments, role }: KeyWorld, writing: KeyWorld | undefined): Row {
  const name = `rights of ${listed(environments)}`;
  const todo =
    'docs/getting-started.md has a role that only reads; make its key at https://portal.exoscale.com/iam';
  if (writing)
    return row(
      name,
      'wrong',
      `pull requests run with it, and it is the key with which ${listed(writing.environments)} is written to`,
      { todo },
    );
  if (!role || 'unreadable' in role)
    return row(
      name,
      'unknown',
      'no key here may read its role: let the other one do get-api-key and get-iam-role',
      { todo },
    );
  const { name: called, policy } = role.value;
  if (!policy) return row(name, 'unknown', `Exoscale shows no policy of the role ${called}`, { todo });
  const verdict = judgePolicy(policy);
  switch (verdict.kind) {
    case 'read-only':
      return row(name, 'ok', `the role ${called} only reads`);
    case 'writes':
      return row(
        name,
        'wrong',
        `pull requests run with it, and the role ${called} may write: ${verdict.where}`,
        {
          todo,
        },
      );
    case 'undecided':
      return row(
        name,
        'warning',
        `whether the role ${called} only reads cannot be told from "${verdict.where}"`,
        {
          todo,
        },
      );
  }
}

function bucketRow({ platform: { state } }: Wish, { bucket }: ExoscaleWorld): Row {
  const name = 'bucket of the state';
  const place = { name: state.bucket, zone: state.zone };
  if ('unreadable' in bucket) return row(name, 'unknown', `not read: ${bucket.unreadable}`);
  if (!bucket.value)
    return row(name, 'missing', `there is no ${state.bucket} in ${state.zone}`, {
      changes: [
        { kind: 'bucket', ...place },
        { kind: 'versioning', ...place },
      ],
    });
  return bucket.value.versioning
    ? row(name, 'ok', `${state.bucket} in ${state.zone}, with versioning`)
    : row(name, 'missing', `${state.bucket} keeps no older versions`, {
        changes: [{ kind: 'versioning', ...place }],
      });
}

/** A dump is written once under a name of its own: older versions of it there are none. */
function dumpsRow({ platform }: Wish, { dumps }: ExoscaleWorld): Row[] {
  const name = 'bucket of the dumps';
  if (!platform.dumps || !dumps) return [];
  const { bucket, zone } = platform.dumps;
  if ('unreadable' in dumps) return [row(name, 'unknown', `not read: ${dumps.unreadable}`)];
  if (dumps.value) return [row(name, 'ok', `${bucket} in ${zone}`)];
  const changes: Change[] = [{ kind: 'bucket', name: bucket, zone }];
  return [row(name, 'missing', `there is no ${bucket} in ${zone}`, { changes })];
}

/** What is built for an environment, in the words of Exoscale's quotas. */
const cost = (nodes: number): Record<string, number> => ({
  'sks-cluster': 1,
  instance: nodes,
  'network-load-balancer': 1,
  database: 1,
});

function quotaRow({ platform }: Wish, { quotas, toBuild }: ExoscaleWorld): Row {
  const name = 'quotas';
  if ('unreadable' in quotas) return row(name, 'unknown', `not read: ${quotas.unreadable}`);
  if ('unreadable' in toBuild) return row(name, 'unknown', `not read: ${toBuild.unreadable}`);
  const wanted: Record<string, number> = {};
  for (const environment of toBuild.value)
    for (const [resource, count] of Object.entries(
      cost(platform.environments[environment]?.nodes.count ?? 0),
    ))
      wanted[resource] = (wanted[resource] ?? 0) + count;
  const short = Object.entries(wanted).flatMap(([resource, count]) => {
    const quota = quotas.value.find(each => each.resource === resource);
    return quota && left(quota) < count
      ? [`${resource}: ${left(quota)} of ${quota.limit} left, ${count} needed`]
      : [];
  });
  if (short.length > 0)
    return row(name, 'wrong', short.join('; '), {
      todo: 'ask for more in the console, https://portal.exoscale.com, under Organization, Quotas',
    });
  const what = toBuild.value.length > 0 ? listed(toBuild.value) : 'what is there';
  return row(name, 'ok', `enough for ${what}`);
}

const left = ({ usage, limit }: Quota): number => (limit < 0 ? Number.POSITIVE_INFINITY : limit - usage);
