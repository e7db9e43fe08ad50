import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getOctokit } from '@actions/github';
import { openEgress } from '../egress.ts';
import { github } from '../github/index.ts';
import type { WorkflowRun } from '../github/workflow-runs.ts';
import { openRun } from '../run.ts';
import { workflowRunner } from './index.ts';

/** A GitHub with one repository, `owner/name`, whose workflows are run. */
export async function workflowWorld(slug: string, files: Record<string, string>) {
  const run = openRun();
  const seed = join(run.folder, 'seed');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(seed, path)), { recursive: true });
    await writeFile(join(seed, path), text);
  }
  const hub = await github(run);
  const egress = await openEgress(run, [
    { host: 'github.com', target: hub.url },
    { host: 'api.github.com', target: hub.url },
  ]);
  await hub.seed({ [slug]: seed });
  hub.runWorkflows(workflowRunner({ run, environment: async () => run.environment(egress.environment) }));
  const people = hub.repository(slug);

  async function until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await sleep(20);
    }
  }

  return {
    ...{ run, hub, people, until },
    as: (login: string) => getOctokit(hub.token(login), { baseUrl: hub.url }),
    /** The runs of a workflow, as soon as there are as many and all have ended. */
    ended: (name: string, count = 1): Promise<readonly WorkflowRun[]> =>
      until(() => {
        const runs = people.workflowRuns().filter(each => each.name === name);
        const all = runs.length >= count && runs.every(({ status }) => status === 'completed');
        return all ? runs : undefined;
      }),
    async [Symbol.asyncDispose](): Promise<void> {
      await run.close();
      await Promise.all([hub.close(), egress.close()]);
    },
  };
}

/** What the jobs of a run have printed, by their names. */
export const logs = ({ jobs }: WorkflowRun): Record<string, string[]> =>
  Object.fromEntries(jobs.map(({ name, log }) => [name, log.map(({ text }) => text)]));
