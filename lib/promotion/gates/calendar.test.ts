import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { frozen, local, type Window } from './calendar.ts';

const window = (from: string, to: string, zone = 'Europe/Zurich'): Window => ({
  ...{ from, to, 'time-zone': zone, reason: 'quiet' },
});
const until = (windows: Window[], now: string) => frozen(windows, new Date(now))?.until.toISOString();

const weekend = [window('fri 16:00', 'mon 07:00')];
// In 2026 Zurich goes from +01:00 to +02:00 on 29 March at 01:00Z, and back on 25 October at 01:00Z.
test.each<[string, Window[], string, string | undefined]>([
  ['before a weekend', weekend, '2026-11-27T14:59:59Z', undefined],
  ['at its beginning', weekend, '2026-11-27T15:00:00Z', '2026-11-30T06:00:00.000Z'],
  ['in it, on Sunday', weekend, '2026-11-29T12:00:00Z', '2026-11-30T06:00:00.000Z'],
  ['just before its end', weekend, '2026-11-30T05:59:59.999Z', '2026-11-30T06:00:00.000Z'],
  ['at its end, which is exclusive', weekend, '2026-11-30T06:00:00Z', undefined],
  ['the weekend in which an hour is missing', weekend, '2026-03-27T15:00:00Z', '2026-03-30T05:00:00.000Z'],
  ['the same, an hour too early', weekend, '2026-03-27T14:59:00Z', undefined],
  ['the weekend that has an hour more', weekend, '2026-10-23T14:00:00Z', '2026-10-26T06:00:00.000Z'],
  ['the same, at an end that is too early', weekend, '2026-10-26T05:30:00Z', '2026-10-26T06:00:00.000Z'],
  // 02:30 is not on the clock on 29 March: it jumps from 02:00 to 03:00 at 01:00Z.
  ['from a time that is left out', [window('sun 02:30', 'sun 12:00')], '2026-03-29T00:59:59Z', undefined],
  [
    'from a time that is left out: from the jump',
    [window('sun 02:30', 'sun 12:00')],
    '2026-03-29T01:00:00Z',
    '2026-03-29T10:00:00.000Z',
  ],
  [
    'to a time that is left out: to the jump',
    [window('sat 20:00', 'sun 02:30')],
    '2026-03-29T00:59:59Z',
    '2026-03-29T01:00:00.000Z',
  ],
  ['and not beyond', [window('sat 20:00', 'sun 02:30')], '2026-03-29T01:00:00Z', undefined],
  ['all of it left out', [window('sun 02:10', 'sun 02:50')], '2026-03-29T01:00:00Z', undefined],
  // 02:30 comes twice on 25 October: at 00:30Z and at 01:30Z.
  [
    'from a time that comes twice: the first',
    [window('sun 02:30', 'sun 12:00')],
    '2026-10-25T00:29:59Z',
    undefined,
  ],
  ['from the first', [window('sun 02:30', 'sun 12:00')], '2026-10-25T00:30:00Z', '2026-10-25T11:00:00.000Z'],
  [
    'to a time that comes twice: the second',
    [window('sat 20:00', 'sun 02:30')],
    '2026-10-25T00:45:00Z',
    '2026-10-25T01:30:00.000Z',
  ],
  ['between the two', [window('sun 02:10', 'sun 02:20')], '2026-10-25T00:40:00Z', '2026-10-25T01:20:00.000Z'],
  ['after the second', [window('sat 20:00', 'sun 02:30')], '2026-10-25T01:30:00Z', undefined],
  ['dates', [window('2026-12-24 16:00', '2027-01-04')], '2027-01-03T22:59:59Z', '2027-01-03T23:00:00.000Z'],
  [
    'the day that dates end on',
    [window('2026-12-24 16:00', '2027-01-04')],
    '2027-01-03T23:00:00Z',
    undefined,
  ],
  [
    'a date of another zone',
    [window('2026-07-04', '2026-07-05', 'America/New_York')],
    '2026-07-04T03:59:59Z',
    undefined,
  ],
  [
    'a whole day there',
    [window('2026-07-04', '2026-07-05', 'America/New_York')],
    '2026-07-04T04:00:00Z',
    '2026-07-05T04:00:00.000Z',
  ],
  ['a weekday round the week', [window('wed 12:00', 'wed 11:00', 'UTC')], '2026-11-25T11:30:00Z', undefined],
  [
    'and in it',
    [window('wed 12:00', 'wed 11:00', 'UTC')],
    '2026-11-25T10:59:00Z',
    '2026-11-25T11:00:00.000Z',
  ],
  [
    'windows that follow each other',
    [
      window('fri 16:00', 'sat 00:00', 'UTC'),
      window('sat', 'sun 12:00', 'UTC'),
      window('sun 09:00', 'mon', 'UTC'),
    ],
    '2026-11-27T17:00:00Z',
    '2026-11-30T00:00:00.000Z',
  ],
  [
    'half an hour of saving',
    [window('sun 01:00', 'sun 03:00', 'Australia/Lord_Howe')],
    '2026-04-04T15:10:00Z',
    '2026-04-04T16:30:00.000Z',
  ],
])('%s', (_, windows, now, expected) => {
  expect(until(windows, now)).toBe(expected);
});

test('windows that are always open end some time later, and the reason is of the one that is open now', () => {
  const always = [window('mon', 'thu', 'UTC'), { ...window('thu', 'mon', 'UTC'), reason: 'late' }];
  const now = new Date('2026-11-27T00:00:00Z');
  const found = frozen(always, now);
  expect(found?.window.reason).toBe('late');
  expect(found?.until.getTime()).toBeGreaterThan(now.getTime());
});

test('a moment is told as the clock there shows it', () => {
  expect(local(new Date('2026-10-26T06:00:00Z'), 'Europe/Zurich')).toBe(
    'Mon 2026-10-26 07:00 (Europe/Zurich)',
  );
});

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const moment = fc
  .tuple(fc.constantFrom(...days), fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '45'))
  .map(([day, hour, minute]) => `${day} ${String(hour).padStart(2, '0')}:${minute}`);
const zones = fc.constantFrom(
  'Europe/Zurich',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'UTC',
);
const minute = fc
  .integer({ min: 0, max: 2 * 366 * 24 * 60 })
  .map(m => new Date(Date.UTC(2026, 0, 1) + m * 60_000));

/** Minutes since Monday as the clock there shows them. */
function onTheClock(now: Date, zone: string): number {
  const wall = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone);
  return ((wall.dayOfWeek - 1) * 24 + wall.hour) * 60 + wall.minute;
}
const minutesOf = (text: string) =>
  (days.indexOf(text.slice(0, 3)) * 24 + Number(text.slice(4, 6))) * 60 + Number(text.slice(7));

/** Whether the clock there shows the same minute twice, or has just left some out. */
const isChanging = (now: Date, zone: string) => {
  const step = (from: Date) =>
    onTheClock(new Date(from.getTime() + 7_200_000), zone) - onTheClock(from, zone);
  return [0, 2].some(
    hours => ![120, 120 - 10_080].includes(step(new Date(now.getTime() - hours * 3_600_000))),
  );
};

test('a weekly window is open when the clock there shows a time within it, all year round', () => {
  fc.assert(
    fc.property(moment, moment, zones, minute, (from, to, zone, now) => {
      fc.pre(from !== to && !isChanging(now, zone));
      const [a, b, shown] = [minutesOf(from), minutesOf(to), onTheClock(now, zone)];
      const isWithin = a < b ? shown >= a && shown < b : shown >= a || shown < b;
      expect(frozen([window(from, to, zone)], now) !== undefined).toBe(isWithin);
    }),
    { numRuns: 200 },
  );
});

test('a freeze is over when it says that it is, and not a moment before', () => {
  fc.assert(
    fc.property(moment, moment, zones, minute, (from, to, zone, now) => {
      fc.pre(from !== to);
      const windows = [window(from, to, zone)];
      const end = frozen(windows, now)?.until;
      if (!end) return;
      expect(frozen(windows, end)).toBeUndefined();
      expect(frozen(windows, new Date(end.getTime() - 1))?.until).toEqual(end);
    }),
    { numRuns: 200 },
  );
});
