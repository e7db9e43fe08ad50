import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../run.ts';
import { type ArgocdStandIn, argocdStandIn } from './index.ts';
import { repoServer } from './repo-server.ts';

/*
 * node process.ts CLUSTERS WORK KUBECTL   plays Argo CD for every kubeconfig in the folder CLUSTERS, while it lies there
 *
 * A process of its own, because it holds every object of every cluster: Node forks to start a child, which takes the
 * longer the larger the process is, and holds up all that runs in it. One for all clusters, which deploy the same Argo CD
 * and the same services, because to render them takes seconds.
 */

const [clusters = '', work = '', kubectl = ''] = process.argv.slice(2);
const server = repoServer({ kubectl, env: process.env as Environment, folder: work });
const played = new Map<string, ArgocdStandIn>();

for (; ; await sleep(200)) {
  const present = await readdir(clusters);
  for (const name of present) {
    if (!played.has(name)) played.set(name, await argocdStandIn(join(clusters, name), server));
  }
  for (const [name, standIn] of played) {
    if (present.includes(name)) continue;
    played.delete(name);
    await standIn.close();
  }
}
