import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { guard } from '../guard.ts';
import { arrival, isInside } from '../internet.ts';
import { buildLock, cacheFolder, isBuilt, scratchFolder, toolPath } from './cache.ts';
import { explainCache } from './errors.ts';
import { compile, demandGo } from './go.ts';
import { type ToolName, tools } from './parts.ts';

/** What a build tells, in seconds. `plan` comes first, and only if there is something to build. */
export type BuildEvent =
  | { kind: 'plan'; tools: ToolName[]; seconds: number; folder: string }
  | { kind: 'waiting'; tool: ToolName; pid: number }
  | { kind: 'started'; tool: ToolName; seconds: number }
  | { kind: 'finished'; tool: ToolName; seconds: number };

export type Report = (event: BuildEvent) => void;

const asked = new Map<ToolName, Promise<string>>();
let queue: Promise<unknown> = Promise.resolve();

/**
 * The absolute path of a tool's binary, as soon as it is there; builds it first if need be. Builds run one after the other
 * in the order in which they were first asked for; if one fails, those that wait behind it fail with it.
 * @throws ToolError
 */
export const tool = (name: ToolName): Promise<string> => ask(name, () => {});

function ask(name: ToolName, report: Report): Promise<string> {
  const known = asked.get(name);
  if (known !== undefined) return known;
  if (isBuilt(name)) return Promise.resolve(toolPath(name));
  const path = queue.then(() => make(name, report));
  queue = path;
  asked.set(name, path);
  path.catch(() => {
    asked.delete(name);
    if (queue === path) queue = Promise.resolve();
  });
  return path;
}

/** Builds what is missing of `names`, in that order. While it runs, `tool(name)` hands out each as soon as it is there. */
export async function build(names: readonly ToolName[], report: Report): Promise<void> {
  const missing = names.filter(name => !isBuilt(name));
  if (missing.length === 0) return;
  const seconds = missing.reduce((sum, name) => sum + tools[name].seconds, 0);
  report({ kind: 'plan', tools: missing, seconds, folder: cacheFolder() });
  await Promise.all(missing.map(name => ask(name, report)));
}

async function make(name: ToolName, report: Report): Promise<string> {
  if (isInside()) {
    await arrival(() => isBuilt(name));
    return toolPath(name);
  }
  try {
    using lock = await buildLock(
      () => isBuilt(name),
      pid => report({ kind: 'waiting', tool: name, pid }),
    );
    if (lock === undefined) return toolPath(name);

    report({ kind: 'started', tool: name, seconds: tools[name].seconds });
    const start = performance.now();
    await demandGo(tools[name].part, `build ${name}`);
    const path = await compileInto(toolPath(name), name);
    report({ kind: 'finished', tool: name, seconds: (performance.now() - start) / 1000 });
    return path;
  } catch (error) {
    const { errno, errcode } = error as { errno?: number; errcode?: number };
    if (errno === undefined && errcode === undefined) throw error;
    throw explainCache(name, error, cacheFolder());
  }
}

/** The finished binary appears under its name at once and whole; a build that is killed leaves nothing. */
async function compileInto(path: string, name: ToolName): Promise<string> {
  const scratch = scratchFolder();
  const post = guard(scratch);
  try {
    const output = join(scratch, name);
    await compile(name, output, scratch);
    mkdirSync(dirname(path), { recursive: true });
    renameSync(output, path);
    return path;
  } finally {
    await post.close();
  }
}

/** One line for people. */
export function sentence(event: BuildEvent): string {
  switch (event.kind) {
    case 'plan':
      return `Building ${event.tools.join(', ')} from source, once, into ${event.folder}: about ${duration(event.seconds)} on two cores.`;
    case 'waiting':
      return `${event.tool}: waiting for process ${event.pid}, which is building into the same cache.`;
    case 'started':
      return `${event.tool}: building, about ${duration(event.seconds)}.`;
    case 'finished':
      return `${event.tool}: built in ${duration(event.seconds)}.`;
  }
}

/** 5.2 s, 48 s, 3 min 20 s */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 90) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
