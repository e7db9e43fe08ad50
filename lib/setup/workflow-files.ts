import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../runner/errors.ts';

/* Workflow files, as far as what they ask for is concerned, and how one calls another. */

export interface Step {
  uses?: string;
  with?: Record<string, unknown>;
}
export interface Job {
  name?: string;
  uses?: string;
  with?: Record<string, unknown>;
  environment?: string | { name: string };
  strategy?: { matrix?: Record<string, unknown> };
  steps?: Step[];
}
export interface Workflow {
  on:
    | string
    | string[]
    | Record<string, { inputs?: Record<string, { options?: string[]; required?: boolean }> } | null>;
  jobs: Record<string, Job>;
}

/** @throws UserError when there is no such folder */
export async function textsIn(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder).catch(() => {
    throw new UserError(`${folder} does not exist: run this in a copy of the platform's repository`);
  });
  const files = names.filter(name => /\.ya?ml$/.test(name)).sort();
  const texts = files.map(async name => [name, await readFile(join(folder, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** Where a repository has its workflows. */
export const local = '.github/workflows/';

/**
 * A repository's workflows by their paths, and those of Slipway that they call by what they are called by.
 * @param texts its files, by name
 * @param released ours, by name
 */
export function withCalled(
  texts: Record<string, string>,
  released: Record<string, string>,
): Map<string, Workflow> {
  const found = new Map(
    Object.entries(texts).map(([name, text]) => [local + name, read(local + name, text)] as const),
  );
  // Those that are added come to their turn too: one may call the next.
  for (const [file, { jobs }] of found) {
    for (const job of Object.values(jobs)) {
      const called = calledBy(file, job) ?? '';
      const [, name = ''] = /^[^/]+\/[^/]+\/\.github\/workflows\/([^@]+)@/.exec(called) ?? [];
      const text = released[name];
      if (text === undefined || found.has(called)) continue;
      const workflow = offered(read(called, text));
      if (workflow && takes(workflow, job)) found.set(called, workflow);
    }
  }
  return found;
}

/** A called workflow as its caller has it: what starts it at home starts nothing there. */
function offered(workflow: Workflow): Workflow | undefined {
  const { on } = workflow;
  if (!events(workflow).includes('workflow_call')) return undefined;
  const call = typeof on === 'object' && !Array.isArray(on) ? (on.workflow_call ?? null) : null;
  return { ...workflow, on: { workflow_call: call } };
}

/** Whoever calls a file of that name without what ours requires, calls somebody else's. */
function takes({ on }: Workflow, { with: given = {} }: Job): boolean {
  const { inputs = {} } = (on as Exclude<Workflow['on'], string | string[]>).workflow_call ?? {};
  return Object.entries(inputs).every(([name, { required }]) => !required || name in given);
}

/** The path of the workflow that a job calls; of another repository's as it is written, `OWNER/NAME/PATH@REF`. */
export function calledBy(file: string, { uses }: Job): string | undefined {
  if (!uses?.startsWith('./')) return uses;
  const [, repository, ref] = /^(.+\/)\.github\/workflows\/[^@]+(@.+)$/.exec(file) ?? [];
  return repository ? `${repository}${uses.slice(2)}${ref}` : uses.slice(2);
}

function read(file: string, text: string): Workflow {
  const workflow = parse(text) as Workflow | null;
  if (workflow?.on !== undefined && typeof workflow.jobs === 'object') return workflow;
  throw new UserError('This is no workflow: it needs "on" and "jobs"', { file });
}

export const events = ({ on }: Workflow): string[] =>
  typeof on === 'string' ? [on] : Array.isArray(on) ? on : Object.keys(on);
