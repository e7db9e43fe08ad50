import { expect, test } from 'vitest';
import { UserErrors } from '../runner/errors.ts';
import { Interrupted, type Runner, type RunOptions } from '../runner/runner.ts';
import { type Command, command, type Options } from './command.ts';

const diagnostic = JSON.stringify({
  '@level': 'error',
  '@message': 'Error: quota exceeded',
  type: 'diagnostic',
  diagnostic: { severity: 'error', summary: 'quota exceeded' },
});

/** A Terraform that is told to stop, prints this and ends so. */
function stopped(code: number, stdout = ''): Command {
  const runner = {
    info() {},
    run: async (_: string, [name]: string[], { onLine }: RunOptions) => {
      for (const line of stdout.split('\n')) onLine?.(line, 'stdout');
      throw new Interrupted(`terraform ${name}`, { code, stdout, stderr: 'half-way' });
    },
  } as unknown as Runner;
  const options = {
    ...{ target: { environment: 'staging' }, platformFile: 'platform.yaml', directory: 'terraform' },
    credentials: { key: 'key', secret: 'secret' },
  };
  return command(runner, options as Options, 'data');
}

const messages = (work: Promise<unknown>): Promise<unknown> =>
  work.catch(error => (error instanceof UserErrors ? error.errors.map(({ message }) => message) : error));

test('what writes the state and has done all of it has not failed because somebody asked it to stop', async () => {
  expect(await stopped(0).stream(['apply', 'plan'], { outlives: true })).toEqual([]);
  expect(await stopped(0, 'gone').text(['state', 'rm', 'a'], { outlives: true })).toBe('gone');
});

test('what it said before it stopped is told', async () => {
  const request = 'Stopped on request: terraform apply was interrupted and has ended; run it again to go on';
  const write = (code: number, stdout?: string) =>
    messages(stopped(code, stdout).stream(['apply', 'plan'], { outlives: true }));
  expect(await write(1, diagnostic)).toEqual(['quota exceeded', request]);
  expect(await write(1)).toEqual(['terraform apply ended with exit code 1: half-way', request]);
});

test('what only reads has no answer when it was told to stop', async () => {
  await expect(stopped(0).stream(['plan'])).rejects.toThrow(Interrupted);
  await expect(stopped(0).json(['show'])).rejects.toThrow(Interrupted);
});
