import { parseArgs } from 'node:util';

/** What `npm run matrix` is asked for. */
export interface Options {
  /** Of the subjects, in their order. */
  names: string[];
  sample: number;
  seed: number;
  only: string;
  jobs: number;
  /** After which no row is begun. */
  minutes: number;
  /** The file that knows which rows have ended well at which commit. */
  resume: string;
  logs: boolean;
}

const line =
  'npm run matrix -- [ACTION…] [--sample N] [--seed N] [--only TEXT] [--jobs N] [--minutes N] [--resume FILE] [--logs]';

/** @param all the names of the subjects */
export const help = (all: readonly string[]): string => `Usage: ${line}

Kills each ACTION after each of its calls, and lets each call fail in every way; all of them unless some are named. It takes hours.
  --sample N     only so many rows of each action, which --seed N chooses
  --only TEXT    only rows in whose line there is this: a path, a method, "kill"
  --jobs N       how many rows at once; 2 unless told. They mostly wait: more is quicker, until limits of time are met
  --minutes N    begins no row after that
  --resume FILE  leaves out the rows that FILE says have ended well at this commit, and adds those that do
  --logs         what the actions printed in each row that fails

ACTION is of ${all.join(', ')}.
`;

/**
 * @param all the names of the subjects; `promote` asks for all that begin with `promote/`
 * @returns undefined when help is asked for
 * @throws Error with all that is wrong, in one sentence
 */
export function options(args: readonly string[], all: readonly string[]): Options | undefined {
  const usage = `${line}, where ACTION is of ${all.join(', ')}`;
  const { values, positionals } = read(args, usage);
  if (values.help) return undefined;
  const isAsked = (name: string) => (asked: string) => name === asked || name.startsWith(`${asked}/`);
  const unknown = positionals.filter(asked => !all.some(name => isAsked(name)(asked)));
  const problems = [
    ...(unknown.length > 0 ? [`There is no ${unknown.join(', ')}`] : []),
    ...(['sample', 'seed', 'jobs', 'minutes'] as const)
      .filter(name => values[name] !== undefined && !/^[1-9]\d*$/.test(values[name]))
      .map(name => `--${name} must be a whole number from 1 on, and is ${values[name] || 'nothing'}`),
  ];
  if (problems.length > 0) throw new Error(`${problems.join('; ')}: ${usage}`);
  const endless = Number.POSITIVE_INFINITY;
  const { sample = endless, seed = 1, jobs = 2, minutes = endless } = values;
  const { only = '', resume = '', logs = false } = values;
  return {
    names: all.filter(name => positionals.length === 0 || positionals.some(isAsked(name))),
    ...{ sample: Number(sample), seed: Number(seed), jobs: Number(jobs), minutes: Number(minutes) },
    ...{ only, resume, logs },
  };
}

function read(args: readonly string[], usage: string) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      ...{ args: [...args], allowPositionals: true },
      options: {
        ...{ sample: text, seed: text, only: text, jobs: text, minutes: text, resume: text },
        logs: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message.replace(/\.( .*)?$/, '')}: ${usage}`);
  }
}

/** How a run ends. One in which no row was left has shown nothing, and one that time has cut short not enough. */
export function ended(
  { rows, failed, isCut }: { rows: number; failed: number; isCut: boolean },
  { only, names, minutes }: Pick<Options, 'only' | 'names' | 'minutes'>,
): { code: 0 | 1 | 2; sentence?: string } {
  if (failed > 0) return { code: 1 };
  if (isCut) return { code: 2, sentence: `${minutes} min are over, and rows are left: go on with --resume` };
  if (rows > 0) return { code: 0 };
  const example = 'cloudflare GET /client/v4/zones?name #0: kill';
  return {
    code: 2,
    sentence: `No row of ${names.join(', ')} has "${only}" in its line: a line is like "${example}"`,
  };
}
