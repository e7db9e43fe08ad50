import { parseRule, type Rule, RuleError } from '../../traefik/rule.ts';

/** One way to match a Traefik rule; what is not said may be anything. */
export interface Alternative {
  host: string;
  path?: { value: string; exact: boolean };
  method?: string;
}

/** A rule that says more than a request can be made up for; the message completes "its rule …". */
export class Unreadable extends Error {
  override name = 'Unreadable';
}

type Leaf = { name: string; value: string };

/** More ways than anybody writes into a rule; each costs requests. */
const most = 200;

/**
 * A rule as the requests that it matches.
 * @throws Unreadable for what is no rule, for negations, and for matchers other than Host, Path, PathPrefix and Method
 */
export function alternatives(text: string): Alternative[] {
  return expand(read(text)).flatMap(leaves => merged(leaves) ?? []);
}

function read(text: string): Rule {
  try {
    return parseRule(text);
  } catch (error) {
    if (error instanceof RuleError) throw new Unreadable(`is not understood: ${error.message}`);
    throw error;
  }
}

/** Every way to satisfy a rule, as matchers that must all hold. */
function expand(rule: Rule): Leaf[][] {
  if (rule.kind === 'matcher') {
    const { name, values, negated } = rule;
    if (negated) throw new Unreadable('negates a matcher');
    if (!['Host', 'Path', 'PathPrefix', 'Method'].includes(name)) throw new Unreadable(`asks for ${name}`);
    return values.map(value => [{ name, value }]);
  }
  const parts = rule.rules.map(expand);
  if (rule.kind === 'any') return limited(parts.flat());
  return parts.reduce((found, next) =>
    limited(found.flatMap(left => next.map(right => [...left, ...right]))),
  );
}

function limited(found: Leaf[][]): Leaf[][] {
  if (found.length > most) throw new Unreadable(`can be met in more than ${most} ways`);
  return found;
}

/** Undefined when no request can be all of it, as a `GET` that is a `POST`. */
function merged(leaves: readonly Leaf[]): Alternative | undefined {
  const values = (name: string) => [
    ...new Set(leaves.filter(leaf => leaf.name === name).map(leaf => leaf.value)),
  ];
  const [hosts, methods, exact, prefixes] = ['Host', 'Method', 'Path', 'PathPrefix'].map(values);
  const [host, ...others] = hosts ?? [];
  if (host === undefined) throw new Unreadable('names no host');
  if (others.length > 0 || (methods?.length ?? 0) > 1) return undefined;
  const longest = prefixes?.sort((a, b) => b.length - a.length)[0];
  const value = exact?.[0] ?? longest;
  return {
    host,
    ...(value !== undefined && { path: { value, exact: exact?.[0] !== undefined } }),
    ...(methods?.[0] !== undefined && { method: methods[0].toUpperCase() }),
  };
}

export const matches = (
  { host, path, method }: Alternative,
  request: { host: string; path: string; method: string },
): boolean => {
  if (host.toLowerCase() !== request.host || (method !== undefined && method !== request.method))
    return false;
  if (!path) return true;
  return path.exact ? request.path === path.value : request.path.startsWith(path.value);
};
