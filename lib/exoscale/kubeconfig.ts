import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Absent } from '../runner/errors.ts';
import type { Runner } from '../runner/runner.ts';
import type { Exoscale } from './exoscale.ts';

export interface Access {
  /** A kubeconfig that the user has; nothing is asked of Exoscale then. */
  given?: string | undefined;
  exoscale: Exoscale;
  clusterName: string;
  /** How long its credentials are good; ten minutes unless told. */
  ttlSeconds?: number;
}

/** Puts fresh credentials into the same file. */
export type Renew = () => Promise<void>;

/**
 * Hands `work` the path of a kubeconfig: readable by nobody else, and removed afterwards. Work that may take longer than
 * its credentials are good has them renewed; those that the user gave are not ours to renew.
 * @throws Absent when there is no such cluster
 */
export async function withKubeconfig<T>(
  runner: Runner,
  { given, exoscale, clusterName, ttlSeconds = 600 }: Access,
  work: (path: string, renew?: Renew) => Promise<T>,
): Promise<T> {
  if (given) return work(given);
  const path = join(await runner.folder(), 'kubeconfig');
  const issue = async () =>
    writeKubeconfig(path, await issueKubeconfig(runner, exoscale, clusterName, ttlSeconds));
  try {
    await issue();
    return await work(path, async () => {
      runner.info('The kubeconfig has expired: a fresh one is asked of Exoscale');
      await issue();
    });
  } finally {
    await rm(path, { force: true });
  }
}

/** A fresh administrator's kubeconfig of a cluster, its credentials masked in all that is printed. */
export async function issueKubeconfig(
  runner: Runner,
  exoscale: Exoscale,
  clusterName: string,
  ttlSeconds: number,
): Promise<string> {
  const cluster = await exoscale.findCluster(clusterName);
  if (!cluster)
    throw new Absent(`There is no SKS cluster ${clusterName} in ${exoscale.zone}: "apply" creates it`);
  const kubeconfig = await exoscale.kubeconfig(cluster.id, {
    user: 'slipway',
    groups: ['system:masters'],
    ttlSeconds,
  });
  // Only these: masking every line would blot out "kind: Config" in the whole log.
  for (const [, credential = ''] of kubeconfig.matchAll(/^\s*(?:client-key-data|token):\s*(\S+)/gm))
    runner.mask(credential);
  return kubeconfig;
}

/** Writes it so that nobody else can ever read it, also over a file that others could. */
export async function writeKubeconfig(path: string, kubeconfig: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(fresh, kubeconfig, { mode: 0o600, flag: 'wx' });
    await rename(fresh, path);
  } finally {
    await rm(fresh, { force: true });
  }
}
