import validRange from 'semver/ranges/valid.js';
import type { Path } from './load.ts';
import type { PlatformFile, Promotion, Tags } from './schema.ts';

interface Broken {
  path: Path;
  message: string;
}

/** What the schema cannot say of tags and of gates: that a range is one, that a window ends, that a time zone exists. */
export const promotionMistakes = ({ services, environments }: PlatformFile): Broken[] => [
  ...Object.entries(services).flatMap(([name, { tags }]) =>
    tags ? tagMistakes(['services', name, 'tags'], tags) : [],
  ),
  ...Object.entries(environments).flatMap(([name, { promote }]) =>
    (promote?.freeze ?? []).flatMap((window, index) =>
      windowMistakes(['environments', name, 'promote', 'freeze', index], window),
    ),
  ),
];

function tagMistakes(path: Path, { semver, pattern, newest }: Tags): Broken[] {
  const mistakes: Broken[] = [];
  const add = (key: string, message: string) => mistakes.push({ path: [...path, key], message });
  if (semver !== undefined && validRange(semver) === null)
    add('semver', `"${semver}" is no range of versions: write it as npm does (^1.4, ">=2 <3")`);
  if (semver !== undefined && newest !== undefined)
    add('newest', 'Versions have an order already: leave out newest, or semver');
  const groups = pattern === undefined ? 0 : groupsOf(pattern);
  if (groups === undefined)
    add('pattern', `"${pattern}" is no regular expression: see https://regex101.com (ECMAScript)`);
  else if (groups === 0 && (newest === 'numeric' || newest === 'alphabetical'))
    add('newest', `${newest} looks at a group of pattern: write one with parentheses, as main-(\\d+)`);
  return mistakes;
}

/** How many groups a regular expression has; undefined for a text that is none. */
function groupsOf(pattern: string): number | undefined {
  try {
    return (new RegExp(`(?:${pattern})|`).exec('')?.length ?? 1) - 1;
  } catch {
    return undefined;
  }
}

function windowMistakes(path: Path, window: NonNullable<Promotion['freeze']>[number]): Broken[] {
  const { from, to } = window;
  const zone = window['time-zone'];
  const isDate = (moment: string) => /^\d/.test(moment);
  const mistakes: Broken[] = [from, to].flatMap((moment, index) =>
    isDate(moment) && !exists(moment)
      ? [{ path: [...path, index === 0 ? 'from' : 'to'], message: `There is no day ${moment.slice(0, 10)}` }]
      : [],
  );
  if (!isTimeZone(zone)) {
    const message = `There is no time zone "${zone}": write a name of IANA's, as Europe/Zurich or UTC`;
    mistakes.push({ path: [...path, 'time-zone'], message });
  }
  if (isDate(from) !== isDate(to)) {
    const message = `from is ${isDate(from) ? 'a date and to a weekday' : 'a weekday and to a date'}: write both the same way`;
    mistakes.push({ path: [...path, 'to'], message });
  } else if (full(from) === full(to) || (isDate(from) && full(from) > full(to))) {
    mistakes.push({
      path: [...path, 'to'],
      message: `The window ends at "${to}", which is not after "${from}"`,
    });
  }
  return mistakes;
}

/** Midnight written out, so that moments compare as texts. */
const full = (moment: string): string => (moment.includes(' ') ? moment : `${moment} 00:00`);

function exists(date: string): boolean {
  const day = date.slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
