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
 * @throws UserError for a limit that is no whole number, or a pattern that no address can fit
 */
export function rules(settings: Settings | undefined, given: GivenRules): Rules {
  const limits = [settings?.['max-destroys'], limit(given.maxDestroys)].filter(each => each !== undefined);
  return {
    protect: [...(settings?.protect ?? []), ...patterns(given.protect ?? '').map(pattern)],
    ...(limits.length > 0 && { maxDestroys: Math.min(...limits) }),
  };
}

/** A comma between quotes is part of a key: `exoscale_domain.all["a,b"]`. */
const patterns = (text: string): string[] =>
  (text.match(/(?:"(?:\\.|[^"\\])*"|[^,\n])+/g) ?? []).map(each => each.trim()).filter(Boolean);

const step = '[\\p{L}\\p{N}_*-]+(?:\\[(?:"(?:\\\\.|[^"\\\\])*"|[\\d*]+)\\])?';
const address = new RegExp(`^${step}(?:\\.${step})*$`, 'u');

/** One that is mistyped would protect nothing, and nobody would hear of it. */
function pattern(text: string): string {
  if (address.test(text)) return text;
  throw new UserError(
    `Input "protect" has "${text}", which is no address of Terraform's: write it as exoscale_dbaas.* or module.shop["a"].exoscale_nlb.ingress`,
  );
}

function limit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UserError(`Input "max-destroys" is "${text}": write a whole number, 0 or more`);
}
