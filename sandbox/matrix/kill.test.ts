import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { allProcesses } from '../processes.ts';
import { kill } from './kill.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-kill-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A process, and one that it has started under this name and that has the same output. */
async function family(name: string) {
  const program = join(folder, name);
  symlinkSync('/bin/sleep', program);
  const parent = spawn('/bin/sh', ['-c', '"$0" 60 & echo $!; wait', program]);
  const [first] = (await once(parent.stdout, 'data')) as [Buffer];
  // A name is known once the child has become its program.
  await expect.poll(() => nameOf(Number(first))).toBe(name);
  return { parent, pid: parent.pid ?? 0, child: Number(first), closed: once(parent, 'close') };
}

const nameOf = (pid: number) => allProcesses().find(one => one.pid === pid)?.name;

test.each(['kubectl', 'git'])('what is killed takes its %s along', async name => {
  const { pid, closed } = await family(name);
  kill(pid);
  await closed; // of an output that the child held too
});

test.each(['terraform', 'terraform-bin'])('%s is let end its work', async name => {
  const { parent, pid, child, closed } = await family(name);
  const gone = once(parent, 'exit');
  kill(pid);
  await gone;
  expect(nameOf(child)).toBe(name);
  process.kill(child, 'SIGKILL');
  await closed;
});
