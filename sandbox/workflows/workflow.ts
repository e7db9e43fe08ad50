import { parse } from 'yaml';
import type { WorkflowFile } from '../github/workflow-files.ts';
import { fileName } from '../github/workflow-runs.ts';

/** A workflow's file, as far as it is read here; act reads the steps. */
export interface Workflow {
  path: string;
  name: string;
  /** The events, each with its filters. */
  on: Record<string, Filters | undefined>;
  concurrency?: Concurrency;
  permissions?: unknown;
  env?: Record<string, unknown>;
  defaults?: unknown;
  jobs: Record<string, Job>;
}

export interface Filters {
  branches?: string[];
  'branches-ignore'?: string[];
  tags?: string[];
  'tags-ignore'?: string[];
  paths?: string[];
  'paths-ignore'?: string[];
  types?: string[];
  inputs?: Record<string, Input>;
}

export interface Input {
  type?: 'string' | 'boolean' | 'number' | 'choice' | 'environment';
  required?: boolean;
  default?: unknown;
  options?: string[];
}

export type Concurrency = string | { group: string; 'cancel-in-progress'?: unknown; queue?: string };

export interface Job {
  name?: string;
  needs?: string | string[];
  if?: unknown;
  uses?: string;
  with?: Record<string, unknown>;
  secrets?: 'inherit' | Record<string, unknown>;
  strategy?: { matrix?: Record<string, unknown> | string };
  environment?: string | { name: string; url?: string; deployment?: unknown };
  concurrency?: Concurrency;
  permissions?: unknown;
  outputs?: Record<string, unknown>;
  steps?: Step[];
  [key: string]: unknown;
}

export interface Step {
  name?: string;
  uses?: string;
  run?: string;
}

/** @throws Error that says what is wrong with it, for the page of the run */
export function readWorkflow({ path, text }: WorkflowFile): Workflow {
  const document = parse(text, { merge: true }) as Partial<Workflow> | null;
  if (!document || typeof document !== 'object' || !document.jobs || !document.on)
    throw new Error(`${path} is no workflow: it needs "on" and "jobs"`);
  return { ...document, name: document.name ?? path, path, on: events(document.on), jobs: document.jobs };
}

/** `push`, `[push, pull_request]`, or a mapping. */
function events(on: unknown): Workflow['on'] {
  if (typeof on === 'string') return { [on]: undefined };
  if (Array.isArray(on)) return Object.fromEntries(on.map(event => [String(event), undefined]));
  return Object.fromEntries(
    Object.entries(on as Record<string, Filters | null>).map(([event, filters]) => [
      event,
      filters ?? undefined,
    ]),
  );
}

export const isFile = ({ path }: Workflow, file: string) => fileName(path) === file;

export const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
