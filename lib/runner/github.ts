import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type Action, type Declaration, isSecret, readInputs, secretVariable } from './action.ts';
import { type Host, run } from './child.ts';
import type { Location } from './errors.ts';
import { ownFolder, removeFolders } from './folder.ts';
import { graceful } from './graceful.ts';
import { finish, type Outliving } from './outliving.ts';
import { reportError } from './report.ts';
import type { Context, Octokit, Runner } from './runner.ts';
import { masks } from './scrub.ts';
import { elapsed, inert } from './text.ts';

/**
 * The entry of every action on GitHub's runner: the same file is `main` and `post`, told apart by saved state, as
 * actions/checkout does it.
 */
export async function start<D extends Declaration>(action: Action<D>): Promise<void> {
  // Printed before anything heavy is loaded: whoever watches the log sees at once that the step is alive.
  const post = process.env.STATE_post === 'true';
  if (!post) process.stdout.write(`${action.declaration.name}\n`);
  const core = await import('@actions/core');
  const folders: string[] = [];
  const runner = gitHubRunner(core, folders);
  try {
    if (post) {
      // It is what a cancelled job is cleaned up by: whoever cancels once more must not keep it from that.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
      // What main could not remove, because it was killed.
      folders.push(...(JSON.parse(core.getState('folders') || '[]') as string[]));
      // Without inputs that can be read, main has done nothing.
      if (runner.saved('began')) await action.post?.(runner, readInputs(action.declaration, input));
      return;
    }
    core.saveState('post', 'true');
    for (const name of Object.keys(action.declaration.inputs).filter(isSecret)) {
      const value = input(name);
      if (value) runner.mask(value);
    }
    const inputs = readInputs(action.declaration, input);
    core.saveState('began', 'true');
    const outputs = await action.main(runner, inputs);
    for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
  } catch (error) {
    reportError(runner, error);
    process.exitCode = 1;
  } finally {
    await removeFolders(folders, runner.warning);
  }
}

// The runner hands inputs over as INPUT_<NAME>, spaces as underscores, dashes kept.
const input = (name: string): string | undefined =>
  process.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ||
  (isSecret(name) ? process.env[secretVariable(name)] : undefined);

type Core = typeof import('@actions/core');

function gitHubRunner(core: Core, folders: string[]): Runner {
  const annotation = (at?: Location) =>
    at && {
      file: at.file,
      ...(at.line && { startLine: at.line }),
      ...(at.column && { startColumn: at.column }),
    };
  const quiet = 10_000;
  let lastProgress = 0;
  // GitHub's runner masks too, and line by line; but nobody should have to rely on whoever reads our output.
  const { add, scrub } = masks();
  const info = (line: string) => core.info(inert(scrub(line)));
  function progress(line: string): void {
    // A log keeps every line for ever: one now and then is enough to see that work goes on.
    if (Date.now() - lastProgress < quiet) return;
    lastProgress = Date.now();
    info(line);
  }
  async function folder(): Promise<string> {
    const folder = await ownFolder(process.env.RUNNER_TEMP || tmpdir());
    folders.push(folder);
    core.saveState('folders', folders);
    return folder;
  }
  const ending = graceful();
  const host: Host = {
    say: info,
    stop: ending.stop,
    keep: child => core.saveState('child', child ?? ''),
    folder,
  };
  return {
    context: context(),
    info,
    progress,
    notice: (message, at) => core.notice(scrub(message), annotation(at)),
    warning: (message, at) => core.warning(scrub(message), annotation(at)),
    error: (message, at) => core.error(scrub(message), annotation(at)),
    group: (title, work) =>
      core.group(title, async () => {
        const started = Date.now();
        try {
          return await work();
        } finally {
          core.info(`${title}: ${elapsed(Date.now() - started)}`);
        }
      }),
    async summary(markdown) {
      if (process.env.GITHUB_STEP_SUMMARY) await core.summary.addRaw(scrub(markdown), true).write();
    },
    mask: secret => add(secret).forEach(core.setSecret),
    scrub,
    run: (command, args, options) => run(command, args, options, host),
    ...ending,
    async outlived(options) {
      const child = core.getState('child');
      if (!child) return undefined;
      const outlived = await finish(JSON.parse(child) as Outliving, options, progress);
      if (!outlived.ended) folders.length = 0; // it works in them
      return outlived;
    },
    output: core.setOutput,
    save: core.saveState,
    saved: name => core.getState(name) || undefined,
    octokit,
    folder,
  };
}

export async function octokit(token: string): Promise<Octokit> {
  const { getOctokit } = await import('@actions/github');
  return getOctokit(token);
}

interface Event {
  pull_request?: { number: number; head?: { sha: string } };
}

/** Reads GITHUB_*: https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
export function context(env: NodeJS.ProcessEnv = process.env): Context {
  const event: Event = env.GITHUB_EVENT_PATH
    ? (JSON.parse(readFileSync(env.GITHUB_EVENT_PATH, 'utf8')) as Event)
    : {};
  const found = {
    repository: env.GITHUB_REPOSITORY,
    // On a pull request GITHUB_SHA is a merge that nobody has in their history.
    sha: event.pull_request?.head?.sha ?? env.GITHUB_SHA,
    event: env.GITHUB_EVENT_NAME,
    pullRequest: event.pull_request?.number,
    runUrl:
      env.GITHUB_RUN_ID &&
      `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`,
    // GITHUB_ACTOR stays whoever started it first, also when somebody else runs it again.
    actor: env.GITHUB_TRIGGERING_ACTOR ?? env.GITHUB_ACTOR,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
