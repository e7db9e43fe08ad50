import { expect, test, vi } from 'vitest';
import { imageAt, pinFile } from '../../sandbox/github/pins.ts';
import { newImage, promoteWorld } from '../../scripts/testing/promote.ts';

const { server, promote, platformRepository, movedBy, state } = promoteWorld();

test('a service is built, and its image promoted: one line of production moves by the merge', async () => {
  await promote({ ...newImage, revision: '' });
  await promote({ environment: 'production' });
  expect(await movedBy(() => platformRepository().merge(1))).toEqual([
    [`${pinFile('production', 'product')}:6`, `      images: [ product=${imageAt('product', 'v1.1.0')} ]`],
  ]);
});

test('what staging has gone back from is not left open for production', async () => {
  await promote(newImage);
  await promote({ environment: 'production' });
  const before = { image: imageAt('product', 'v1.0.0'), revision: 'v1.0.0' };
  await promote({ ...newImage, ...before, downgrade: 'true' });
  const result = await promote({ environment: 'production' });
  expect(result.log).toMatch(/\nproduction: nothing to promote\nproduction: pull request #1 is closed/);
  expect(result.outputs).toMatchObject({ changed: 'true', closed: '1' });
  expect(result.outputs['pull-request']).toBeUndefined();
});

test('a run that was stopped between its commit and the record of it makes that up when it is run again', async () => {
  const deployments = async () => (await state()).deployments;
  server().faults.schedule({ method: 'POST', path: '/deployments', effect: { kind: 'hang' } });
  const stopped = await promote(newImage, async main => {
    await vi.waitFor(() => expect(server().requests.at(-1)?.fault).toBe('hang'), { timeout: 60_000 });
    main.kill('SIGKILL');
  });
  expect(stopped.code).toBe(137);
  server().faults.clear();
  const commit = await platformRepository().head();

  const again = await promote(newImage);
  expect(again.log).toMatch(/\nstaging: nothing to promote\n$/);
  const recorded = {
    sha: commit,
    description: 'product v1.0.0 → v1.1.0 (image, revision)',
    statuses: [{ state: 'in_progress' }, { state: 'success' }],
  };
  expect(await deployments()).toMatchObject([recorded]);
  await promote(newImage);
  expect(await deployments()).toMatchObject([recorded]);
  expect(await platformRepository().head()).toBe(commit);
});
