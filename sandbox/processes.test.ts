import { expect, test } from 'vitest';
import { type Process, processesOf } from './processes.ts';

const linux = (pid: number, parent: number, ...entries: string[]): Process => ({
  pid,
  parent,
  name: 'node',
  environment: `\0${entries.map(entry => `${entry}\0`).join('')}`,
  separator: '\0',
});

test.each<[string, string[], boolean]>([
  ['the marker', ['PATH=/bin', 'TMPDIR=/tmp/slipway-1/tmp', 'A=b'], true],
  ['a folder in the marked one', ['TMPDIR=/tmp/slipway-1/tmp/slipway-2/tmp'], true],
  ['another run whose name begins the same', ['TMPDIR=/tmp/slipway-11/tmp'], false],
  ['a folder beside tmp', ['TMPDIR=/tmp/slipway-1/tmporary'], false],
  ['the folder in another variable', ['HOME=/tmp/slipway-1/tmp', 'XTMPDIR=/tmp/slipway-1/tmp'], false],
  ['the marker inside a value', ['NOTE=see TMPDIR=/tmp/slipway-1/tmp'], false],
  ['nothing', [], false],
])('%s decides who belongs to a run', (_, entries, expected) => {
  expect(processesOf('/tmp/slipway-1', [linux(7, 1, ...entries)])).toEqual(expected ? [7] : []);
});

test('descendants belong to it, ancestors and siblings do not', () => {
  const family = [
    linux(5, 4), // a grandchild that is listed before its parent
    linux(1, 0),
    linux(2, 1),
    linux(3, 2, 'TMPDIR=/tmp/slipway-1/tmp'),
    linux(4, 3),
    linux(6, 2),
  ];
  expect(processesOf('/tmp/slipway-1', family).sort()).toEqual([3, 4, 5]);
});
