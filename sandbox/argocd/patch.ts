import { canonical } from './object.ts';

/** The JSON merge patch (RFC 7396) that turns one value into another, undefined when they are equal. */
export function mergePatch(from: unknown, to: unknown): unknown {
  if (isObject(from) && isObject(to)) {
    const names = new Set([...Object.keys(from), ...Object.keys(to)]);
    const changes = [...names].flatMap(name => {
      if (to[name] === undefined) return from[name] === undefined ? [] : [[name, null]];
      const change = mergePatch(from[name], to[name]);
      return change === undefined ? [] : [[name, change]];
    });
    return changes.length > 0 ? Object.fromEntries(changes) : undefined;
  }
  return canonical(from) === canonical(to) ? undefined : to;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
