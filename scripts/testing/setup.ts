import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect } from 'vitest';
import { terminalRunner } from '../../lib/runner/terminal.ts';
import type { Row } from '../../lib/setup/row.ts';
import { setup } from '../../lib/setup/setup.ts';
import { setupWorld } from '../../sandbox/setup-world.ts';

/** Accounts in which all is in order, and the command in them. */
export async function setupInOrder() {
  const world = await setupWorld();
  const team = await world.team('platform');
  world.enter();
  let order: Record<string, string>;

  beforeAll(async () => {
    await slipway(team.cwd, ['setup', '--apply', '--reviewer', 'octocat'], world.variables());
    order = await states(world.variables());
    expect(new Set(Object.values(order))).toEqual(new Set(['ok']));
  });
  afterAll(async () => {
    expect(world.complaints()).toEqual([]);
    await world[Symbol.asyncDispose]();
  });

  async function states(given: Record<string, string>): Promise<Record<string, string>> {
    const { code, output } = await slipway(team.cwd, ['setup', '--json'], given);
    const found = statesIn(output);
    const isWrong = Object.values(found).some(state => ['missing', 'wrong'].includes(state));
    expect(code).toBe(isWrong ? 1 : 0);
    for (const value of Object.values(given)) expect(output).not.toContain(value);
    return found;
  }

  return {
    ...{ world, team, states },
    /** What each row was when all was in order. */
    order: () => order,
  };
}

/** The state of each row, by its name. */
export const statesIn = (output: string): Record<string, string> =>
  Object.fromEntries((JSON.parse(output) as Row[]).map(({ name, state }) => [name, state]));

/** The command without a process of its own: what it does with its inputs. */
export async function slipway(folder: string, args: string[], given: Record<string, string>) {
  let output = '';
  const out = new PassThrough().on('data', chunk => {
    output += chunk;
  });
  const runner = terminalRunner(out as unknown as NodeJS.WriteStream);
  const rotated = args.indexOf('--rotate');
  const isWrong = await setup(runner, {
    ...{ platformFile: join(folder, 'platform.yaml'), githubToken: given.GITHUB_TOKEN, variables: given },
    ...{ apply: args.includes('--apply'), json: args.includes('--json'), tools: false },
    reviewers: args.includes('--reviewer') ? ['octocat'] : [],
    rotate: rotated < 0 ? [] : args.slice(rotated + 1),
    columns: undefined,
  });
  await runner.close();
  return { code: isWrong ? 1 : 0, output };
}
