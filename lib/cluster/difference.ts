/** One value inside an object that is not what it was. */
export interface Field {
  /** `spec.template.spec.containers[ui].image` */
  path: string;
  before: unknown;
  after: unknown;
}

/**
 * Where two values differ, field by field. Entries of a list that have names are compared by these: one that is put in at
 * the beginning is one difference, not as many as there are entries.
 */
export function differences(before: unknown, after: unknown, path = ''): Field[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && areNamed([...before, ...after]))
    return each(byName(before), byName(after), name => `${path}[${name}]`);
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ path, before, after }];
  return each(before, after, key => (path ? `${path}.${key}` : key));
}

function each(before: Container, after: Container, path: (key: string) => string): Field[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap(key => differences(before[key], after[key], path(key)));
}

type Container = Record<string, unknown>;
type Named = { name: string };

function areNamed(entries: unknown[]): entries is Named[] {
  return entries.every(entry => isContainer(entry) && typeof entry.name === 'string');
}

/** Two of one name, which some lists may have, are told apart by their turn. */
function byName(entries: Named[]): Container {
  const found: Container = {};
  for (const entry of entries) {
    let name = entry.name;
    while (name in found) name += "'";
    found[name] = entry;
  }
  return found;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;
