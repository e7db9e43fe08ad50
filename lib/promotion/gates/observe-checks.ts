import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Promotion, Target } from '../../platform/platform.ts';
import { CommandFailed, type Runner, TimedOut } from '../../runner/runner.ts';
import { writeReference } from '../reference.ts';
import type { PromoteRequest } from '../request.ts';
import type { Candidate } from './candidate.ts';
import { checkKey } from './check.ts';
import { passed, type Verdict, waits } from './gate.ts';
import { duration } from './time.ts';

type Settings = NonNullable<Promotion['check']>;

/**
 * Runs the user's command for each move, one after the other, in the folder of platform.yaml.
 * @throws UserError when there is no such command
 */
export async function observeChecks(
  runner: Runner,
  where: Target,
  request: PromoteRequest,
  settings: Settings,
  candidates: readonly Candidate[],
): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for (const each of candidates) {
    const title = `${settings.command[0]} for ${each.service}`;
    const verdict = await runner.group(title, () =>
      ask(runner, settings, dirname(request.platformFile), variables(where, request, each)),
    );
    verdicts.set(checkKey(each), verdict);
  }
  return verdicts;
}

function variables(
  { environment, settings: { promote } }: Target,
  { dryRun }: PromoteRequest,
  { service, before, after }: Candidate,
): Record<string, string> {
  const image = (side: Candidate['after']) => (side.image ? writeReference(side.image) : '');
  return {
    SLIPWAY_SERVICE: service,
    SLIPWAY_ENVIRONMENT: environment,
    SLIPWAY_FROM: promote?.from ?? '',
    SLIPWAY_IMAGE: image(after),
    SLIPWAY_REVISION: after.revision,
    SLIPWAY_IMAGE_BEFORE: image(before),
    SLIPWAY_REVISION_BEFORE: before.revision,
    SLIPWAY_DRY_RUN: String(dryRun),
  };
}

async function ask(
  runner: Runner,
  { command: [command = '', ...args], timeout = '5m' }: Settings,
  cwd: string,
  env: Record<string, string>,
): Promise<Verdict> {
  const last: string[] = [];
  const onLine = (line: string) => {
    runner.info(line);
    last.push(runner.scrub(line));
    if (last.length > shown) last.shift();
  };
  try {
    await runner.run(command, args, { cwd, env, limit: duration(timeout), onLine });
    return passed(`${command} has said yes`);
  } catch (error) {
    if (error instanceof TimedOut) return waits(`${command} was not done after ${timeout}${ending(last)}`);
    if (!(error instanceof CommandFailed)) throw error;
    return waits(`${command} ended with exit code ${error.finished.code}${ending(last)}`);
  }
}

/** As many lines as say why, in most programs. */
const shown = 5;

function ending(lines: readonly string[]): string {
  const text = lines
    .map(line =>
      stripVTControlCharacters(line)
        .replace(/\p{Cc}/gu, ' ')
        .trim(),
    )
    .filter(Boolean)
    .join(' / ');
  return text ? `: ${text.length > 500 ? `…${text.slice(-500)}` : text}` : '';
}
