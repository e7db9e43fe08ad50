import { expect, test } from 'vitest';
import { segmentsOf } from './shared-memory.ts';

const linux = `
------ Shared Memory Creator/Last-op PIDs --------
shmid      owner      cpid       lpid
4          nobody     19182      19189
9          nobody     212        19182

`;
const macos = `IPC status from <running system> as of Mon Nov 23 08:00:00 UTC 2026
T     ID     KEY        MODE       OWNER    GROUP  CPID  LPID
Shared Memory:
m  65536 0x009dcbb1 --rw-------     anna    staff  19182    300
m  65537 0x009dcbb2 --rw-------     anna    staff    212  19182

`;

test.each([
  ['Linux', linux, ['4']],
  ['macOS', macos, ['65536']],
  ['nothing', '', []],
])('segments are found by their maker in what %s prints', (_, table, expected) => {
  expect(segmentsOf(table, new Set([19182, 7]))).toEqual(expected);
});
