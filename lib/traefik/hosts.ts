import { matchersOf, parseRule } from './rule.ts';

/** The hosts that a rule lets in. */
export interface RuleHosts {
  /** As written, wildcards (`*.example.com`) and `*` included. */
  hosts: string[];
  /** Regular expressions. */
  patterns: string[];
}

/**
 * A host that is negated, in whatever depth, is not let in.
 * @throws RuleError
 */
export function hostsOf(rule: string): RuleHosts {
  const plain = matchersOf(parseRule(rule)).filter(({ negated }) => !negated);
  const values = (names: readonly string[]) =>
    plain.flatMap(({ name, values }) => (names.includes(name) ? values : []));
  return {
    hosts: values(['Host', 'HostHeader', 'HostSNI']),
    patterns: values(['HostRegexp', 'HostSNIRegexp']),
  };
}
