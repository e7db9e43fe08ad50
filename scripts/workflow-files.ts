import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/* Workflow files, as far as checks and tests look at them. */

export interface Step {
  id?: string;
  name?: string;
  if?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
}

export interface Job {
  uses?: string;
  if?: string;
  needs?: string;
  with?: Record<string, unknown>;
  secrets?: 'inherit' | Record<string, string>;
  steps?: Step[];
  permissions?: Record<string, string>;
  env?: Record<string, string>;
  strategy?: { matrix: Record<string, unknown> };
  'timeout-minutes'?: number;
  environment?: string | { name: string; deployment?: boolean };
  concurrency?: { group: string; 'cancel-in-progress': unknown; queue?: string };
}

export interface Workflow {
  on: Record<string, unknown>;
  permissions: unknown;
  concurrency?: { group: string; 'cancel-in-progress': unknown };
  jobs: Record<string, Job>;
}

const root = join(import.meta.dirname, '..');

/** The platform's own workflows, then those that a service's repository would have; from the root. */
export const workflowFiles = [
  ...globSync('.github/workflows/*.yml', { cwd: root }).sort(),
  ...globSync('services/*/.github/workflows/*.yml', { cwd: root }).sort(),
];

export const workflowText = (file: string): string => readFileSync(join(root, file), 'utf8');

export const readWorkflow = (file: string): Workflow => parse(workflowText(file)) as Workflow;

/** The action of ours that a step uses. */
export const actionOf = ({ uses = '' }: Step): string | undefined =>
  /^\.\/actions\/([\w-]+)$/.exec(uses)?.[1];

/** The file of ours that a job calls: by its path, or as the services' repositories name it. */
export const calledBy = ({ uses = '' }: Job): string | undefined =>
  /^(?:\.|acme\/platform)\/(\.github\/workflows\/[\w-]+\.yml)(?:@main)?$/.exec(uses)?.[1];
