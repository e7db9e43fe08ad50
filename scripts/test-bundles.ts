import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.ts';

/**
 * Set-up of the suites on real parts: their steps run the actions as a release has them, which start in half the time of
 * their sources.
 */
export default async function bundles(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bundles-'));
  await build(folder);
  process.env.SLIPWAY_BUNDLES = folder;
  return () => rm(folder, { recursive: true, force: true });
}
