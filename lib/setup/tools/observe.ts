import type { Runner } from '../../runner/runner.ts';
import { type Reading, reading } from '../row.ts';

export type ToolsWorld = Map<string, Reading<string>>;

const asked: Record<string, readonly string[]> = {
  git: ['--version'],
  terraform: ['version'],
  kubectl: ['version', '--client'],
};

/** The version that each tool says it has. */
export async function observeTools(runner: Runner): Promise<ToolsWorld> {
  const found = Object.entries(asked).map(async ([tool, args]) => {
    const version = await reading(async () => {
      const { stdout } = await runner.run(tool, args, { limit: 20_000, expect: [0, 1] });
      return /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? '';
    });
    return [tool, version] as const;
  });
  return new Map([['node', { value: process.versions.node }], ...(await Promise.all(found))]);
}
