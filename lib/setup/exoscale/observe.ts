import { account, type Quota, type Role } from '../../exoscale/account.ts';
import { exoscale } from '../../exoscale/exoscale.ts';
import { select } from '../../platform/platform.ts';
import { type Reading, reading } from '../row.ts';
import { demandsFor, given, sources, type Wish } from '../wish.ts';
import { type BucketState, readBucket } from './bucket.ts';

/** A key as the terminal has it, and the environments that are to get it. */
export interface Key {
  environments: string[];
  key: string;
  secret: string;
  /** Those of platform.yaml that it is for. */
  targets: string[];
  /** Pull requests come to it: it must not be able to write. */
  readOnly: boolean;
  /** Where it goes nothing is written, and it need not be able to. */
  looksOnly: boolean;
}

export interface KeyWorld extends Key {
  zones: Reading<string[]>;
  /** Asked for a key that is to read only. */
  role?: Reading<Role>;
}

export interface ExoscaleWorld {
  keys: KeyWorld[];
  /** The environments whose key nobody has here, with the variables that could hold it. */
  unset: { environments: string[]; variables: string[] }[];
  bucket: Reading<BucketState | undefined>;
  /** Where platform.yaml names one for dumps that is not the state's. */
  dumps?: Reading<BucketState | undefined>;
  quotas: Reading<Quota[]>;
  /** The environments that have no cluster yet. */
  toBuild: Reading<string[]>;
}

export const [keyName, secretName] = ['EXOSCALE_API_KEY', 'EXOSCALE_API_SECRET'] as const;

/** The keys of the terminal, each once however many environments get it. */
export function keysOf(wish: Wish): { keys: Key[]; unset: ExoscaleWorld['unset'] } {
  const keys = new Map<string, Key>();
  const unset = new Map<string, ExoscaleWorld['unset'][number]>();
  for (const demand of demandsFor(wish, keyName)) {
    const { environment, targets } = demand;
    const [key, secret] = [keyName, secretName].map(name => given(wish, environment, name)?.value);
    if (key === undefined || secret === undefined) {
      const variables = [keyName, secretName].map(name => sources(wish, environment, name)[1]);
      const id = variables.join(' ');
      const environments = [...(unset.get(id)?.environments ?? []), environment];
      unset.set(id, { environments, variables });
      continue;
    }
    // The same key for both is two: what is right for the one is wrong for the other.
    const id = `${key} ${secret} ${demand.mainOnly}`;
    const known = keys.get(id);
    const made = known ?? {
      environments: [],
      key,
      secret,
      targets: [],
      readOnly: !demand.mainOnly,
      looksOnly: true,
    };
    made.environments.push(environment);
    made.looksOnly &&= demand.looksOnly;
    made.targets = [...new Set([...made.targets, ...targets])];
    keys.set(id, made);
  }
  return {
    keys: [...keys.values()],
    unset: [...unset.values()],
  };
}

/** The key that may write, for what is asked about the organization as a whole. */
export const mainKey = (keys: readonly Key[]): Key | undefined =>
  keys.find(({ looksOnly }) => !looksOnly) ?? keys[0];

export async function observeExoscale(wish: Wish): Promise<ExoscaleWorld> {
  const { platform } = wish;
  const { keys, unset } = keysOf(wish);
  const main = mainKey(keys);
  const zoneOf = ({ targets }: Pick<Key, 'targets'>) =>
    platform.environments[targets[0] ?? '']?.zone ?? platform.state.zone;
  const asked = <T>(work: (key: Key) => Promise<T>): Promise<Reading<T>> =>
    main ? reading(() => work(main)) : Promise.resolve({ unreadable: 'no key is set here' });

  const { dumps: place } = platform;
  const isOwn = place !== undefined && place.bucket !== platform.state.bucket;

  const [worlds, bucket, dumps, quotas, toBuild] = await Promise.all([
    Promise.all(
      keys.map(async (each): Promise<KeyWorld> => {
        const own = account({ ...each, zone: zoneOf(each) });
        const [zones, role] = await Promise.all([
          reading(() => own.zones()),
          each.readOnly ? reading(() => own.role(each.key)) : undefined,
        ]);
        // A role that may read nothing of IAM says nothing about itself; the key that may write can look.
        const isBlind = role && 'unreadable' in role && main && main !== each;
        const looked = isBlind
          ? await reading(() => account({ ...main, zone: zoneOf(main) }).role(each.key))
          : role;
        return { ...each, zones, ...(looked && { role: looked }) };
      }),
    ),
    asked(key => readBucket(platform.state, key)),
    isOwn ? asked(key => readBucket(place, key)) : undefined,
    asked(key => account({ ...key, zone: zoneOf(key) }).quotas()),
    asked(async key => {
      const names = Object.keys(platform.environments);
      const there = await Promise.all(
        names.map(name => {
          const { settings, resourceName } = select(platform, name);
          return exoscale({ ...key, zone: settings.zone }).findCluster(resourceName);
        }),
      );
      return names.filter((_, index) => !there[index]);
    }),
  ]);
  return { keys: worlds, unset, bucket, ...(dumps && { dumps }), quotas, toBuild };
}
