import { closest } from '../platform/closest.ts';
import { isIndex, steps } from './address.ts';
import { isLoss, type Plan, type ResourceChange } from './model.ts';
import { plural, visible } from './text.ts';

export interface Rules {
  /**
   * Addresses of what may never be destroyed: a resource, one instance of it, or a module, and with it all that is inside.
   * A `*` stands for any text within one step of the address: `exoscale_dbaas.*`, `module.shop["*"].exoscale_nlb.ingress`.
   */
  protect: readonly string[];
  /** How many resources one plan may destroy or replace; any number unless told. */
  maxDestroys?: number;
}

/**
 * What a plan must not do, one sentence for each. Addresses are as they stand in the plan: scrub them before they are
 * shown where nobody masks.
 */
export function violations(
  { changes }: Plan,
  { protect, maxDestroys = Number.POSITIVE_INFINITY }: Rules,
): string[] {
  const losses = changes.filter(isLoss);
  const patterns = protect.map(pattern => ({ pattern, matches: matcher(pattern) }));
  const found = losses.flatMap(loss => {
    const hit = patterns.find(({ matches }) => matches(loss.address) || matches(loss.movedFrom ?? ''));
    return hit ? [protectedSentence(loss, hit.pattern)] : [];
  });
  if (losses.length > maxDestroys) {
    found.push(
      `The plan destroys or replaces ${plural(losses.length, 'resource')}, and max-destroys allows ${maxDestroys}: make the change in smaller steps, or raise max-destroys in the same pull request`,
    );
  }
  return found;
}

/** The patterns that fit nothing the plan knows of, one sentence for each: one that is mistyped protects nothing. */
export function idlePatterns({ file }: Plan, { protect }: Rules): string[] {
  const addresses = (file.resource_changes ?? []).flatMap(({ address, previous_address }) => [
    address,
    previous_address ?? address,
  ]);
  const idle = protect.filter(pattern => !addresses.some(matcher(pattern)));
  if (addresses.length === 0) return [];
  return idle.map(pattern => {
    const [first = '', ...rest] = pattern.split('.');
    const near = closest(first, [...new Set(addresses.map(each => steps(each)[0] ?? ''))]);
    const meant =
      near && near !== first ? `did you mean "${[near, ...rest].join('.')}"?` : 'see whether it is mistyped';
    return `protect has "${visible(pattern)}", which is no resource of this plan, so it protects nothing: ${visible(meant)}`;
  });
}

const protectedSentence = ({ address, action, deposed }: ResourceChange, pattern: string): string =>
  `${visible(address)}${deposed === undefined ? '' : ` (deposed object ${visible(deposed)})`} would be ${action === 'replace' ? 'replaced' : 'destroyed'}, and protect has "${visible(pattern)}": keep it as it is, or take that pattern out in a pull request of its own first`;

/** Tells whether an address is what a pattern names, or lies in it. */
function matcher(pattern: string): (address: string) => boolean {
  const wanted = steps(pattern).map(step => ({ index: isIndex(step), text: anyText(step) }));
  return address => {
    let at = 0;
    for (const step of steps(address)) {
      const next = wanted[at];
      if (!next) break;
      if (next.index === isIndex(step) && next.text.test(step)) at++;
      // A pattern that leaves out the index of a module or a resource means every one of them.
      else if (!isIndex(step)) return false;
    }
    return at > 0 && at === wanted.length;
  };
}

const anyText = (step: string): RegExp =>
  new RegExp(`^${step.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*')}$`, 's');
