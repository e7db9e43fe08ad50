import { createHash } from 'node:crypto';
import type { Context } from '../runner/runner.ts';
import type { Hold } from './held/file.ts';
import { inert } from './inert.ts';
import type { Pin } from './pin.ts';
import type { Change, Move } from './plan.ts';

/** Who or what asked for a promotion. */
export interface Asked {
  /** `octocat (workflow_dispatch)` */
  by?: string | undefined;
  /** The page of the run. */
  run?: string | undefined;
}

export const askedBy = ({ actor, event, runUrl }: Context): Asked => ({
  by: actor && `${actor}${event ? ` (${event})` : ''}`,
  run: runUrl,
});

/** From and to which version a commit has moved a service. */
export interface Step {
  from: string;
  to: string;
}

/** A pin's version in twelve digits: two that differ stand at different versions. */
export const fingerprint = (pin: Pin, changes: readonly Change[] = []): string => {
  const value = ({ text, path }: Pick<Pin['revision'], 'text' | 'path'>) =>
    changes.find(change => change.path === path)?.after ?? text;
  return createHash('sha256')
    .update(JSON.stringify([pin.revision, ...pin.images].map(value)))
    .digest('hex')
    .slice(0, 12);
};

/**
 * The last lines of a commit's message: who asked, where the log is, and what was moved, by which a later run knows what
 * people have changed since.
 * @param holds that come or go, with why
 */
export const writeTrailers = (
  { by, run }: Asked,
  moves: readonly Move[],
  holds: readonly Hold[] = [],
): string =>
  [
    ...(by ? [`Asked-by: ${inert(by)}`] : []),
    ...(run ? [`Run: ${run}`] : []),
    ...moves.map(
      ({ pin, changes }) => `Slipway-Pin: ${pin.service} ${fingerprint(pin)} ${fingerprint(pin, changes)}`,
    ),
    ...new Set(holds.flatMap(({ reason }) => (reason === undefined ? [] : [`Reason: ${inert(reason)}`]))),
    ...new Set(holds.map(({ service }) => `Slipway-Held: ${service}`)),
  ].join('\n');

/** Reads them out of a message, that of a squashed pull request too, which has several in it: the last ones hold. */
export function readTrailers(message: string): Asked & { steps: Map<string, Step>; isOurs: boolean } {
  const last = (pattern: RegExp) => [...message.matchAll(pattern)].at(-1)?.[1]?.trim();
  const steps = [...message.matchAll(/^Slipway-Pin: (\S+) (\w{12}) (\w{12})\r?$/gm)].map(
    ([, service = '', from = '', to = '']) => [service, { from, to }] as const,
  );
  return {
    by: last(/^Asked-by: (.+)$/gm),
    run: last(/^Run: (https:\/\/\S+)\r?$/gm),
    steps: new Map(steps),
    isOurs: steps.length > 0 || /^Slipway-Held: \S/m.test(message),
  };
}
