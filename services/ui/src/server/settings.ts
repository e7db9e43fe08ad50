import type { Static, TObject } from 'typebox';
import { parse } from './validation.ts';

/** What an operator can mend: printed as one sentence, without a stack. */
export class SettingsError extends Error {}

/**
 * Reads a service's settings out of the environment. An empty variable counts as none.
 * @throws {SettingsError} naming everything that is missing or wrong
 */
export function readSettings<T extends TObject>(schema: T, environment: NodeJS.ProcessEnv): Static<T> {
  const given = Object.keys(schema.properties).map(name => [name, environment[name] || undefined] as const);
  const read = parse<Static<T>>(schema, Object.fromEntries(given.filter(([, value]) => value !== undefined)));
  if (!Array.isArray(read)) return read;
  const wrong = read.map(({ keyword, params, instancePath, message }) =>
    keyword === 'required' ? `${params.missingProperty} is not set` : `${instancePath.slice(1)} ${message}`,
  );
  throw new SettingsError(`${wrong.join(', ')}: see the table of settings in README.md.`);
}

/** Runs a program's main function; what an operator can mend ends it with one line. */
export async function program(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const known = error instanceof SettingsError || (error as NodeJS.ErrnoException).code !== undefined;
    process.stderr.write(`${known ? (error as Error).message : (error as Error).stack}\n`);
    process.exit(1);
  }
}
