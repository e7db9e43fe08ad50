import { Temporal } from 'temporal-polyfill';
import type { Promotion } from '../../platform/platform.ts';

/** A time without promotions, as platform.yaml has it; `references` of the platform has seen to its form. */
export type Window = NonNullable<Promotion['freeze']>[number];

type Instant = Temporal.Instant;

/**
 * The window that is open at a moment and when it ends, which is no part of it. Where another window is open at that end,
 * the freeze ends with that one.
 */
export function frozen(windows: readonly Window[], now: Date): { window: Window; until: Date } | undefined {
  const start = Temporal.Instant.fromEpochMilliseconds(now.getTime());
  let found: { window: Window; end: Instant } | undefined;
  // Windows that follow each other round the week never end: as many as there are, in two weeks, say enough.
  for (let links = 0; links <= windows.length * 2; links++) {
    const next = open(windows, found?.end ?? start);
    if (!next) break;
    found = { window: found?.window ?? next.window, end: next.end };
  }
  return found && { window: found.window, until: new Date(found.end.epochMilliseconds) };
}

/** The one that stays open longest of those that are open at a moment. */
function open(windows: readonly Window[], at: Instant): { window: Window; end: Instant } | undefined {
  const found = windows.flatMap(window => {
    const end = endOf(window, at);
    return end ? [{ window, end }] : [];
  });
  return found.toSorted((a, b) => Temporal.Instant.compare(b.end, a.end))[0];
}

function endOf(window: Window, at: Instant): Instant | undefined {
  const zone = window['time-zone'];
  const open = spans(window, at.toZonedDateTimeISO(zone).toPlainDate()).find(
    ([from, to]) =>
      Temporal.Instant.compare(instant(from, zone, 'start'), at) <= 0 &&
      Temporal.Instant.compare(at, instant(to, zone, 'end')) < 0,
  );
  return open && instant(open[1], zone, 'end');
}

type Span = [from: Temporal.PlainDateTime, to: Temporal.PlainDateTime];

/** A dated window; a weekly one as it lies around a day. */
function spans({ from, to }: Window, day: Temporal.PlainDate): Span[] {
  if (/^\d/.test(from)) return [[at(from.slice(0, 10), from), at(to.slice(0, 10), to)]];
  const [first, last] = [weekday(from), weekday(to)];
  const wraps = last < first || (last === first && time(to) <= time(from));
  return [-1, 0, 1].map(weeks => {
    const start = day.add({ days: first - day.dayOfWeek + weeks * 7 });
    return [at(start, from), at(start.add({ days: last - first + (wraps ? 7 : 0) }), to)];
  });
}

const at = (day: string | Temporal.PlainDate, moment: string): Temporal.PlainDateTime =>
  Temporal.PlainDate.from(day).toPlainDateTime(time(moment));

const time = (moment: string): string => moment.split(' ')[1] ?? '00:00';
/** From Monday, which is 1. */
const weekday = (moment: string): number =>
  ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].indexOf(moment.slice(0, 3)) + 1;

/**
 * When a clock on the wall shows a time. One that it shows twice, as it is set back, begins a window the first time and ends
 * it the second; one that it leaves out, as it is set forward, is the moment at which that happens.
 */
function instant(wall: Temporal.PlainDateTime, zone: string, edge: 'start' | 'end'): Instant {
  const earlier = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = wall.toZonedDateTime(zone, { disambiguation: 'later' });
  const isShown = earlier.toPlainDateTime().equals(wall);
  const skip = isShown ? undefined : earlier.getTimeZoneTransition('next');
  return (skip ?? (edge === 'start' ? earlier : later)).toInstant();
}

/** `Mon 2026-12-28 07:00 (Europe/Zurich)` */
export function local(moment: Date, zone: string): string {
  const wall = Temporal.Instant.fromEpochMilliseconds(moment.getTime()).toZonedDateTimeISO(zone);
  const day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][wall.dayOfWeek - 1];
  return `${day} ${wall.toPlainDate()} ${wall.toPlainTime().toString({ smallestUnit: 'minute' })} (${zone})`;
}
