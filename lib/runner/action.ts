import { UserError, UserErrors } from './errors.ts';
import type { Runner } from './runner.ts';

/** What action.yml says of an action; `npm run docs` writes it as `declaration.ts` beside it. */
export interface Declaration {
  name: string;
  description: string;
  inputs: Record<string, InputDeclaration>;
  outputs: Record<string, { description: string }>;
}

export interface InputDeclaration {
  description: string;
  required?: boolean;
  default?: string;
}

type InputType<I> = I extends { default: 'true' | 'false' }
  ? boolean
  : I extends { required: true } | { default: string }
    ? string
    : string | undefined;

/** The inputs as the action's code sees them: `'true' | 'false'` defaults are booleans, the rest is text. */
export type Inputs<D extends Declaration> = { [Name in keyof D['inputs']]: InputType<D['inputs'][Name]> };

export type Outputs<D extends Declaration> = { [Name in keyof D['outputs']]?: string };

export interface Action<D extends Declaration = Declaration> {
  declaration: D;
  /** Reads nothing but its arguments, so that a workflow and a terminal run the very same function. */
  main(runner: Runner, input: Inputs<D>): Promise<Outputs<D>>;
  /** Clean-up that must happen also after a failure or a cancelled job. */
  post?(runner: Runner, input: Inputs<D>): Promise<void>;
}

/** Ties `main`'s parameter and result types to the declaration. */
export const defineAction = <D extends Declaration>(action: Action<D>): Action<D> => action;

/** Credentials: never printed, never accepted on a command line, and read from the environment when not given. */
export const isSecret = (input: string): boolean => /-(key|secret|token)$/.test(input);

/** The environment variable that stands in for a secret that was not given: `exoscale-api-key` → `EXOSCALE_API_KEY`. */
export const secretVariable = (input: string): string => input.toUpperCase().replaceAll('-', '_');

/**
 * Reads every input by its declaration.
 * @param given the text of an input, or undefined or '' when it was not given
 * @throws UserErrors that list every missing or malformed input
 */
export function readInputs<D extends Declaration>(
  declaration: D,
  given: (name: string) => string | undefined,
): Inputs<D> {
  const errors: UserError[] = [];
  const values: Record<string, string | boolean | undefined> = {};
  for (const [name, input] of Object.entries(declaration.inputs)) {
    const value = given(name)?.trim() || input.default;
    if (input.required && value === undefined) {
      const otherwise = isSecret(name) ? `, or set the variable ${secretVariable(name)}` : '';
      errors.push(
        new UserError(`Input "${name}" is missing: give ${lowerFirst(input.description)}${otherwise}`),
      );
    }
    values[name] = isFlag(input) ? flag(name, value, errors) : value || undefined;
  }
  if (errors.length > 0) throw new UserErrors(errors);
  return values as Inputs<D>;
}

export const isFlag = (input: InputDeclaration): boolean =>
  input.default === 'true' || input.default === 'false';

/** Several values, one a line: a command line takes the option as often as there are any. */
export const isList = (input: InputDeclaration): boolean => /\bone a line\b/.test(input.description);

// The spellings of YAML 1.2's core schema, as @actions/core's getBooleanInput takes them.
function flag(name: string, value: string | undefined, errors: UserError[]): boolean {
  if (value !== undefined && /^(true|True|TRUE)$/.test(value)) return true;
  if (value !== undefined && /^(false|False|FALSE)$/.test(value)) return false;
  errors.push(new UserError(`Input "${name}" is "${value}": write true or false`));
  return false;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
