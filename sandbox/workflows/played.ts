import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conclusion, WorkflowRun } from '../github/workflow-runs.ts';
import type { Repository } from '../github/world.ts';
import { type Concurrency, concurrency } from './concurrency.ts';
import type { Event } from './event.ts';
import { execute } from './execute.ts';
import type { Leaf, World } from './leaf.ts';
import { readWorkflow } from './workflow.ts';

const root = join(import.meta.dirname, '../..');
const ours = Object.fromEntries(
  globSync('.github/workflows/*.yml', { cwd: root }).map(path => [
    path,
    readFileSync(join(root, path), 'utf8'),
  ]),
);

export interface Case {
  file: string;
  files?: Record<string, string>;
  event?: { name: string; ref?: string; payload?: Record<string, unknown> };
  /** How the steps of a job end; well unless told. */
  ends?: Record<string, Conclusion>;
  secrets?: (environment?: string) => Record<string, string>;
  groups?: Concurrency;
  /** What a job does until it ends; one turn of the loop unless told. */
  work?: (leaf: Leaf) => Promise<unknown>;
  /** Jobs at whose end the whole run is cancelled. */
  cancelledBy?: string;
}

/** Plays a workflow with jobs that end as they are told. */
export async function played({
  file,
  files = ours,
  event = { name: 'push' },
  ends = {},
  secrets = () => ({}),
  groups = concurrency(),
  cancelledBy,
  work = () => new Promise(setImmediate),
}: Case) {
  const path = `.github/workflows/${file}`;
  const objects = {
    entry: async () => ({ type: 'tree', sha: 'tree' }),
    tree: async () =>
      Object.keys(files).map(each => ({ path: each.slice('.github/workflows/'.length), sha: each })),
    blobs: async (shas: string[]) => new Map(shas.map(sha => [sha, Buffer.from(files[sha] ?? '')])),
  };
  const run = { jobs: [] } as unknown as WorkflowRun;
  const leaves: Leaf[] = [];
  const stop = new AbortController();
  let id = 0;
  const { payload = {}, ref = 'refs/heads/main', name } = event;
  const world: World = {
    ...{ repository: { id: 1, objects } as unknown as Repository, run, groups },
    event: { sha: 'sha', payload, trigger: { name } } as unknown as Event,
    ...{ signal: stop.signal, cancel: () => stop.abort(), nextId: () => ++id, secrets },
    enter: (_, work) => work(),
    async start(leaf, shown) {
      leaves.push(leaf);
      if (shown.name === cancelledBy) stop.abort();
      await work(leaf);
      return leaf.signal.aborted ? 'cancelled' : (ends[shown.name] ?? 'success');
    },
  };
  const github = {
    workflow: 'w',
    event_name: name,
    ref,
    repository: 'acme/platform',
    event: payload,
    sha: 'sha',
  };
  const conclusion = await execute(world, readWorkflow({ path, text: files[path] ?? '' }), github);
  return { conclusion, leaves, jobs: run.jobs.map(each => `${each.name}: ${each.conclusion}`) };
}
