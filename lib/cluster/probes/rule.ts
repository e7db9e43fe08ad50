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

/**
 * A rule as the requests that it matches: calls of matchers with strings, joined by `&&`, `||` and brackets.
 * https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/
 * @throws Unreadable for negations and for matchers other than Host, Path, PathPrefix and Method
 */
export function alternatives(rule: string): Alternative[] {
  const tokens = rule.match(/&&|\|\||[!(),]|`[^`]*`|"[^"]*"|[A-Za-z]+|\S/g) ?? [];
  let at = 0;
  const take = (text: string): boolean => tokens[at] === text && ++at > 0;
  const expect = (text: string): void => {
    if (!take(text)) throw new Unreadable(`has ${tokens[at] ?? 'its end'} where ${text} was expected`);
  };

  function either(): Leaf[][] {
    const found = both();
    while (take('||')) found.push(...both());
    return found;
  }
  function both(): Leaf[][] {
    let found = one();
    while (take('&&')) {
      const next = one();
      found = found.flatMap(left => next.map(right => [...left, ...right]));
    }
    return found;
  }
  function one(): Leaf[][] {
    if (take('!')) throw new Unreadable('negates a matcher');
    if (take('(')) {
      const found = either();
      expect(')');
      return found;
    }
    const name = tokens[at++] ?? 'its end';
    if (!/^(Host|Path|PathPrefix|Method)$/i.test(name)) throw new Unreadable(`asks for ${name}`);
    expect('(');
    const leaves: Leaf[][] = [];
    do leaves.push([{ name: name.toLowerCase(), value: (tokens[at++] ?? '').slice(1, -1) }]);
    while (take(','));
    expect(')');
    return leaves;
  }

  const found = either();
  if (at < tokens.length) throw new Unreadable(`has ${tokens[at]} where its end was expected`);
  return found.flatMap(leaves => merged(leaves) ?? []);
}

/** Undefined when no request can be all of it, as a `GET` that is a `POST`. */
function merged(leaves: readonly Leaf[]): Alternative | undefined {
  const values = (name: string) => [
    ...new Set(leaves.filter(leaf => leaf.name === name).map(leaf => leaf.value)),
  ];
  const [hosts, methods, exact, prefixes] = ['host', 'method', 'path', 'pathprefix'].map(values);
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
