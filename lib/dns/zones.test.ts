import { expect, test } from 'vitest';
import { divide, parseZones, zoneOf } from './zones.ts';

const id = '0123456789abcdef0123456789abcdef';

test('zones are read with their ids', () => {
  expect(parseZones(`Example.com, bücher.example=${id}\nexample.net`)).toEqual([
    { name: 'example.com', id: undefined },
    { name: 'xn--bcher-kva.example', id },
    { name: 'example.net', id: undefined },
  ]);
});

test('what is no zone is told all at once', () => {
  expect(() => parseZones('com *.example.com a.example=1 b.example b.example')).toThrow(
    /names "com".*\n.*names "\*.example.com".*\n.*has "a.example=1".*\n.*names b.example twice/,
  );
});

test.each([
  ['a.example.com', 'example.com'],
  ['example.com', 'example.com'],
  ['a.dev.example.com', 'dev.example.com'],
  ['adev.example.com', 'example.com'],
  ['*.dev.example.com', 'dev.example.com'],
  ['badexample.com', undefined],
])('%s belongs to %s', (name, zone) => {
  expect(zoneOf(name, ['example.com', 'dev.example.com', 'example.net'])).toBe(zone);
});

test('each zone gets its own wishes, and names of no zone a notice', () => {
  const claim = (name: string) => ({ name, source: 'Ingress shop/web', targets: [] });
  const unreadable = [{ source: 'Ingress shop/odd', text: 'x', reason: 'it is odd' }];
  const claims = ['a.example.com', 'a.example.net', 'a.example.org'].map(claim);
  const zones = [{ name: 'example.com' }, { name: 'example.net' }];
  const unseen = ['Application shop/ui: it is elsewhere'];
  expect(divide({ claims, unreadable, notes: ['a note'], unseen }, zones)).toEqual({
    parts: [
      { zone: zones[0], wishes: { claims: [claim('a.example.com')], unreadable, unseen } },
      { zone: zones[1], wishes: { claims: [claim('a.example.net')], unreadable, unseen } },
    ],
    remarks: {
      unseen,
      notes: [
        'Ingress shop/odd: it is odd',
        'a note',
        'Ingress shop/web: a.example.org is in no zone of these and is left to others',
      ],
    },
  });
});
