import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doctor } from '../sandbox/node/doctor.ts';
import { processesOf, startDemo } from './demo/testing.ts';

/*
 * The demo with real nodes, by the workflows of this checkout. What the machine lacks it says itself; then there is nothing to try here.
 */

const here = doctor().length === 0;
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'slipway-demo-test-'));
  await chmod(scratch, 0o711); // root's PostgreSQL runs as somebody else, who must get through
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'tmp-'));
  await chmod(folder, 0o711);
  return folder;
}

const demoIn = (folder: string) => startDemo({ env: { ...process.env, TMPDIR: folder }, args: ['--full'] });

test.skipIf(!here)(
  'its whole life: who is not known is refused, who logs in is let through; and a second beside it does not disturb it, not even killed',
  async () => {
    const [folder, other] = await Promise.all([temporary(), temporary()]);
    const demo = demoIn(folder);
    await demo.printed(/✓ merged/);
    await killedWhileInstalling(other);
    // Two nodes were up, and what is left of one is the other's.
    expect(await demo.ended, demo.output()).toBe(0);
    const text = demo.output();
    for (const domain of ['staging.example.com', 'example.com']) {
      const orders = `GET https://api.${domain}/orders`;
      expect(text).toContain(`401  ${orders}, by nobody known`);
      expect(text).toContain(`401  ${orders}, with made-up identity headers`);
      expect(text).toContain(`200  ${orders}, logged in`);
      expect(text).toContain(
        `403  POST https://api.${domain}/products, logged in and calling itself an administrator`,
      );
    }
    for (const environment of ['staging', 'production']) {
      expect(text).toContain(`${environment} has not drifted`);
      expect(text).toMatch(
        new RegExp(`${environment}: .* 7 Applications are Synced and Healthy, \\d+ answers are right`),
      );
      expect(text).toMatch(new RegExp(`✓ Argo CD deploys it to ${environment}`));
      expect(text).toMatch(new RegExp(`${environment}: \\d+ things are gone, nothing billable is left`));
    }
    // Nothing enters production that nobody has let in: two deploys, and the teardown.
    expect(text).toContain('+ sets up the environment production for named branches with one reviewer');
    expect(text.match(/✓ (deploy|teardown) waits before production/g)).toHaveLength(3);
    expect(text.match(/✓ monalisa approves/g)).toHaveLength(3);
    expect(text).toContain('The zone is as it was, byte for byte.');
    expect(await readdir(folder)).toEqual([]);
    expect(processesOf(folder)).toEqual([]);
  },
);

/** A demo that is killed while Argo CD installs itself leaves nothing. */
async function killedWhileInstalling(folder: string): Promise<void> {
  const demo = demoIn(folder);
  await demo.printed(/✓ staging: apply/);
  await sleep(15_000);
  demo.process.kill('SIGKILL');
  await demo.ended;
  for (const deadline = Date.now() + 40_000; Date.now() < deadline; await sleep(300))
    if (processesOf(folder).length === 0 && (await readdir(folder)).length === 0) return;
  expect([processesOf(folder), await readdir(folder)]).toEqual([[], []]);
}
