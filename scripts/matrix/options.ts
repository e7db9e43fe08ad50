import { parseArgs } from 'node:util';

/** What `npm run matrix` is asked for. */
export interface Options {
  /** Of the subjects, in their order. */
  names: string[];
  sample: number;
  seed: number;
  only: string;
  jobs: number;
  logs: boolean;
}

/**
 * @param all the names of the subjects; `promote` asks for all that begin with `promote/`
 * @throws Error with all that is wrong, in one sentence
 */
export function options(args: readonly string[], all: readonly string[]): Options {
  const usage = `npm run matrix -- [ACTION…] [--sample N] [--seed N] [--only TEXT] [--jobs N] [--logs], where ACTION is of ${all.join(', ')}`;
  const { values, positionals } = read(args, usage);
  const isAsked = (name: string) => (asked: string) => name === asked || name.startsWith(`${asked}/`);
  const unknown = positionals.filter(asked => !all.some(name => isAsked(name)(asked)));
  const problems = [
    ...(unknown.length > 0 ? [`There is no ${unknown.join(', ')}`] : []),
    ...(['sample', 'seed', 'jobs'] as const)
      .filter(name => values[name] !== undefined && !/^[1-9]\d*$/.test(values[name]))
      .map(name => `--${name} must be a whole number from 1 on, and is ${values[name] || 'nothing'}`),
  ];
  if (problems.length > 0) throw new Error(`${problems.join('; ')}: ${usage}`);
  const { sample = Number.POSITIVE_INFINITY, seed = 1, jobs = 2, only = '', logs = false } = values;
  return {
    ...{ names: all.filter(name => positionals.length === 0 || positionals.some(isAsked(name))), only, logs },
    ...{ sample: Number(sample), seed: Number(seed), jobs: Number(jobs) },
  };
}

function read(args: readonly string[], usage: string) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      ...{ args: [...args], allowPositionals: true },
      options: { sample: text, seed: text, only: text, jobs: text, logs: { type: 'boolean' } },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message.replace(/\.( .*)?$/, '')}: ${usage}`);
  }
}

/** How a run ends. One in which no row was left has shown nothing. */
export function ended(
  { rows, failed }: { rows: number; failed: number },
  { only, names }: Pick<Options, 'only' | 'names'>,
): { code: 0 | 1 | 2; sentence?: string } {
  if (rows > 0) return { code: failed === 0 ? 0 : 1 };
  const example = 'cloudflare GET /client/v4/zones?name #0: kill';
  return {
    code: 2,
    sentence: `No row of ${names.join(', ')} has "${only}" in its line: a line is like "${example}"`,
  };
}
