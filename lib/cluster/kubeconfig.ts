import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exoscale } from '../exoscale/exoscale.ts';
import { issueKubeconfig, writeKubeconfig } from '../exoscale/kubeconfig.ts';
import { target as targetOf } from '../platform/platform.ts';
import type { Runner } from '../runner/runner.ts';
import { minutes } from './values.ts';

export interface KubeconfigRequest {
  environment: string;
  platformFile: string;
  ttlMinutes: string;
  exoscaleApiKey?: string | undefined;
  exoscaleApiSecret?: string | undefined;
}

export interface Kubeconfig {
  path: string;
  expiresAt: Date;
}

const folder = 'kubeconfig-folder';

/** Writes a short-lived administrator's kubeconfig where it outlives this step; `forget` takes it away again. */
export async function kubeconfig(runner: Runner, request: KubeconfigRequest): Promise<Kubeconfig> {
  const { resourceName, settings, environment } = await targetOf(request.platformFile, request.environment);
  const ttlSeconds = minutes('ttl-minutes', request.ttlMinutes) * 60;
  const api = exoscale({
    key: request.exoscaleApiKey ?? '',
    secret: request.exoscaleApiSecret ?? '',
    zone: settings.zone,
  });
  const expiresAt = new Date(Date.now() + ttlSeconds * 1000);
  const content = await issueKubeconfig(runner, api, resourceName, ttlSeconds);

  // Beside the runner's own folders, which end with the step.
  const kept = await mkdtemp(join(dirname(await runner.folder()), 'slipway-kubeconfig-'));
  runner.save(folder, kept);
  const path = join(kept, 'kubeconfig');
  await writeKubeconfig(path, content);
  runner.info(`${environment}: a kubeconfig that ends at ${expiresAt.toISOString()} is in ${path}`);
  return { path, expiresAt };
}

/** Removes what `kubeconfig` wrote. */
export async function forget(runner: Runner): Promise<void> {
  const kept = runner.saved(folder);
  if (kept === undefined) return;
  await rm(kept, { recursive: true, force: true });
  runner.info('The kubeconfig is removed');
}
