import { text } from './expressions.ts';
import type { Input } from './workflow.ts';

export class InputError extends Error {
  override name = 'InputError';
}

/**
 * What a workflow sees as `inputs`: what was given and the defaults, each of its type.
 * @throws InputError for one that is missing, unknown or not of its type, as GitHub refuses it
 */
export function typedInputs(
  declared: Record<string, Input> | null | undefined,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const known = declared ?? {};
  const unexpected = Object.keys(given).filter(name => !Object.hasOwn(known, name));
  if (unexpected.length > 0)
    throw new InputError(`Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  return Object.fromEntries(
    Object.entries(known).map(([name, input]) => {
      const isGiven = given[name] !== undefined && given[name] !== null;
      if (input.required && !isGiven && input.default === undefined)
        throw new InputError(`Required input '${name}' not provided`);
      return [name, typed(name, input, isGiven ? given[name] : input.default)];
    }),
  );
}

function typed(name: string, { type = 'string', options }: Input, value: unknown): unknown {
  if (type === 'boolean') {
    if (!['true', 'false', ''].includes(text(value))) throw new InputError(`'${name}' is not a boolean`);
    return text(value) === 'true';
  }
  if (type === 'number') {
    if (Number.isNaN(Number(value))) throw new InputError(`'${name}' is not a number`);
    return Number(value ?? 0);
  }
  // Without a default a choice is its first option in the form, and nothing in the API.
  if (type === 'choice' && text(value) !== '' && !options?.includes(text(value)))
    throw new InputError(
      `Provided value '${text(value)}' for input '${name}' not in the list of allowed values`,
    );
  return text(value);
}
