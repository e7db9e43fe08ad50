import { parseArgs } from 'node:util';
import { closest } from '../../lib/platform/closest.ts';
import { type Declaration, isFlag, isList, isSecret, secretVariable } from '../../lib/runner/action.ts';
import { UserError } from '../../lib/runner/errors.ts';

/** Reads `[environment] --input value --flag` by the action's declaration; a list's option may be repeated. */
export function readArguments(
  declaration: Declaration,
  args: string[],
): { given: Record<string, string>; help: boolean } {
  const options = Object.fromEntries(
    Object.entries(declaration.inputs).map(([name, input]) => [
      name,
      { type: isFlag(input) ? ('boolean' as const) : ('string' as const), multiple: isList(input) },
    ]),
  );
  const { values, positionals, tokens } = parseArgs({
    args,
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
    allowNegative: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = token.name.replace(/^no-/, '');
    if (option in options || option === 'help') {
      if (isSecret(option)) {
        throw new UserError(
          `--${option} would show a secret in the list of processes: set the variable ${secretVariable(option)} instead`,
        );
      }
      if (options[option]?.type === 'string' && token.value === undefined) {
        throw new UserError(`--${option} needs a value: write --${option} VALUE`);
      }
      continue;
    }
    const hint = closest(option, Object.keys(options));
    throw new UserError(
      `${declaration.name} has no option --${option}: ${hint ? `did you mean --${hint}?` : `see npm run slipway -- ${declaration.name} --help`}`,
    );
  }
  const takesEnvironment = 'environment' in declaration.inputs;
  const [environment, ...extra] = takesEnvironment ? positionals : [undefined, ...positionals];
  if (extra.length > 0)
    throw new UserError(
      `"${extra[0]}" is one word too many: ${takesEnvironment ? `write ${declaration.name} ENVIRONMENT --option …` : `${declaration.name} is about all environments, write npm run slipway -- ${declaration.name}`}`,
    );
  const given: Record<string, string> = Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join('\n')]],
    ),
  );
  if (environment !== undefined) given.environment = environment;
  const help = values.help === true;
  if (!help && declaration.inputs.environment?.required && !given.environment)
    throw new UserError(
      `${declaration.name} needs an environment: write npm run slipway -- ${declaration.name} ENVIRONMENT, where ENVIRONMENT is one of platform.yaml`,
    );
  return { given, help };
}
