import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import { type Decision, left, operationsOf } from './decision.ts';

/**
 * Takes out of a plan the changes of names whose aliases would then lead in a circle, through other names and wildcards of
 * the zone: nobody would ever get an address. A change that is taken out may close another circle, so it is looked at again.
 */
export function withoutLoops(
  zone: string,
  records: readonly DnsRecord[],
  decisions: readonly Decision[],
): Decision[] {
  const isAlias = ({ type }: { type: string }) => type === 'CNAME';
  for (let current = [...decisions]; ; ) {
    const operations = operationsOf(current);
    const coming = operations.flatMap(each => (each.kind === 'delete' ? [] : [each.after]));
    if (!records.some(isAlias) && !coming.some(isAlias)) return current;
    const gone = new Set(operations.flatMap(each => (each.kind === 'create' ? [] : [each.before])));
    /** Where each name that there will be leads, if that is to another name. */
    const aliases = new Map<string, string | undefined>();
    for (const { name, type, content } of [...records.filter(each => !gone.has(each)), ...coming])
      aliases.set(name, type === 'CNAME' ? content : aliases.get(name));

    let found = false;
    current = current.map(each => {
      const path = each.kind === 'change' ? circle(each.name, aliases, zone) : undefined;
      if (!path) return each;
      found = true;
      return left(each, 'conflict', `it would lead in a circle, ${path.join(' → ')}: give another target`);
    });
    if (!found) return current;
  }
}

/** The names that are gone through from this one on, if the last of them is among those before it. */
function circle(
  from: string,
  aliases: ReadonlyMap<string, string | undefined>,
  zone: string,
): string[] | undefined {
  const path: string[] = [];
  for (let at: string | undefined = from; at !== undefined; ) {
    const name = answering(at, aliases, zone);
    if (name === undefined) return undefined;
    const isBack = path.includes(name);
    path.push(name);
    if (isBack) return path;
    at = aliases.get(name);
  }
  return undefined;
}

/** The name itself, or the wildcard that answers for it: https://www.rfc-editor.org/rfc/rfc4592#section-3.3.1 */
function answering(name: string, aliases: ReadonlyMap<string, unknown>, zone: string): string | undefined {
  if (aliases.has(name)) return name;
  if (!name.endsWith(`.${zone}`)) return undefined;
  for (let at = name; at !== zone; ) {
    at = at.slice(at.indexOf('.') + 1);
    if (aliases.has(`*.${at}`)) return `*.${at}`;
    if (aliases.has(at)) return undefined;
  }
  return undefined;
}
