import type { Change } from '../change.ts';
import { listed, type Row } from '../row.ts';
import { given, needs, reviewKey, sources, type Wish } from '../wish.ts';
import type { Demand } from '../workflows.ts';
import type { GitHubWorld } from './observe.ts';
import { row, unreadRow } from './rows.ts';

/** What the other APIs say about the secrets. */
export interface Known {
  /** Whether a repository that Argo CD reads is private. */
  isPrivate: boolean;
  /** Secrets that are not to be set as the terminal has them, with the environments that would get them. */
  unfit: ReadonlyMap<string, readonly string[]>;
}

/** The secrets of one environment. What is there is left as it is, unless its name is to be rotated. */
export function secretRow(
  wish: Wish,
  world: GitHubWorld,
  demand: Demand,
  { isPrivate, unfit }: Known,
): Row[] {
  const { environment } = demand;
  const all = [...demand.secrets.keys()].filter(secret => secret !== reviewKey);
  if (all.length === 0) return [];
  const name = `${environment}: secrets`;
  const reading = world.environments.get(environment) ?? { unreadable: 'nobody asked' };
  if ('unreadable' in reading) return [unreadRow(name, reading.unreadable)];
  const present = reading.value?.secrets ?? [];
  const wanted = all.filter(secret => needs(wish, demand, secret, isPrivate));
  const missing = wanted.filter(secret => !present.includes(secret));
  const set = all.filter(
    secret => missing.includes(secret) || (wish.rotate.includes(secret) && present.includes(secret)),
  );
  // A key that does not work helps nobody, and one that may write must not come to where pull requests run.
  const isUnfit = (secret: string) => unfit.get(secret)?.includes(environment) === true;
  const source = (secret: string) => given(wish, environment, secret)?.variable;
  const changes = set.flatMap((secret): Change[] => {
    const from = source(secret);
    return from === undefined || isUnfit(secret) ? [] : [{ kind: 'secret', environment, name: secret, from }];
  });
  const unset = missing.filter(secret => source(secret) === undefined);
  const bad = set.filter(secret => source(secret) !== undefined && isUnfit(secret));
  const todo = [
    ...(unset.length > 0
      ? [`export ${unset.map(secret => `${sources(wish, environment, secret)[1]}=…`).join(' ')}`]
      : []),
    ...(bad.length > 0
      ? [`put another into ${listed(bad.map(secret => source(secret) ?? ''))}: see below`]
      : []),
  ].join('; ');
  if (missing.length > 0)
    return [row(name, 'missing', `there is no ${listed(missing)}`, { changes, ...(todo && { todo }) })];
  const unused = all.filter(secret => !wanted.includes(secret) && !present.includes(secret));
  const there = present.filter(secret => all.includes(secret));
  const says = [
    there.length > 0 && `${listed(there)}`,
    unused.length > 0 && `${listed(unused)} ${unused.length === 1 ? 'is' : 'are'} not needed`,
  ].filter(Boolean);
  return [row(name, 'ok', says.join('; '), { changes, ...(todo && { todo }) })];
}

/**
 * The key of what a plan has shown must be the same wherever it is read, and nobody can look. So where it is in some
 * environments alone it is made anew in all: first where it was, so that whoever is killed meanwhile still misses one. One that
 * is in all goes first, for the same reason.
 */
export function reviewKeyRow(wish: Wish, world: GitHubWorld): Row[] {
  const readers = wish.workflows.demands
    .filter(({ secrets }) => secrets.has(reviewKey))
    .map(({ environment }) => environment);
  if (readers.length === 0) return [];
  const states = readers.map(environment => [environment, world.environments.get(environment)] as const);
  const blind = states.filter(([, state]) => !state || 'unreadable' in state);
  if (blind.length > 0)
    return [row(reviewKey, 'unknown', `not read in ${listed(blind.map(([environment]) => environment))}`)];
  const has = ([, state]: (typeof states)[number]) =>
    state !== undefined && 'value' in state && state.value?.secrets.includes(reviewKey) === true;
  const present = states.filter(has).map(([environment]) => environment);
  const absent = readers.filter(environment => !present.includes(environment));
  const isOwn = wish.variables[reviewKey]?.trim();
  const isRotated = wish.rotate.includes(reviewKey);
  const order = isRotated || !isOwn ? [...present, ...absent] : absent;
  const taken = (isRotated ? present : []).map(
    (environment): Change => ({ kind: 'no secret', environment, name: reviewKey }),
  );
  const set = (absent.length > 0 || isRotated ? order : []).map(
    (environment): Change => ({
      ...{ kind: 'secret', environment, name: reviewKey },
      ...(isOwn && { from: reviewKey }),
    }),
  );
  const changes = [...taken, ...set];
  if (absent.length === 0) return [row(reviewKey, 'ok', `in ${listed(readers)}`, { changes })];
  const where =
    present.length === 0 ? 'it is nowhere' : `${listed(absent)} ${absent.length === 1 ? 'has' : 'have'} none`;
  return [row(reviewKey, 'missing', `${where}; plan and apply read the same one`, { changes })];
}
