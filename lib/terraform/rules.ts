import type { Environment } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import type { Rules } from './policy.ts';

/** What is asked for beside platform.yaml, as it stands in the inputs. */
export interface GivenRules {
  /** Address patterns, each in a line or between commas. */
  protect?: string | undefined;
  maxDestroys?: string | undefined;
}

type Settings = Pick<Environment, 'protect' | 'max-destroys'>;

/**
 * What a plan must not do. Where platform.yaml and the inputs both say something, both hold: what either protects is
 * protected, and the lower limit counts.
 * @throws UserError for a limit that is no whole number
 */
export function rules(settings: Settings | undefined, given: GivenRules): Rules {
  const limits = [settings?.['max-destroys'], limit(given.maxDestroys)].filter(each => each !== undefined);
  return {
    protect: [...(settings?.protect ?? []), ...patterns(given.protect ?? '')],
    ...(limits.length > 0 && { maxDestroys: Math.min(...limits) }),
  };
}

/** A comma between quotes is part of a key: `exoscale_domain.all["a,b"]`. */
const patterns = (text: string): string[] =>
  (text.match(/(?:"(?:\\.|[^"\\])*"|[^,\n])+/g) ?? []).map(each => each.trim()).filter(Boolean);

function limit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UserError(`Input "max-destroys" is "${text}": write a whole number, 0 or more`);
}
