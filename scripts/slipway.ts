import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { closest } from '../lib/platform/closest.ts';
import {
  type Action,
  type Declaration,
  isFlag,
  isSecret,
  readInputs,
  secretVariable,
} from '../lib/runner/action.ts';
import { UserError } from '../lib/runner/errors.ts';
import { reportError } from '../lib/runner/report.ts';
import { terminalRunner } from '../lib/runner/terminal.ts';

const folder = join(import.meta.dirname, '..', 'actions');

/** The actions in the order in which a platform lives through them. */
const order = ['plan', 'apply', 'kubeconfig', 'bootstrap', 'dns', 'promote', 'teardown'];
const names = readdirSync(folder).sort((a, b) => order.indexOf(a) - order.indexOf(b));

const load = async (name: string): Promise<Action> =>
  ((await import(join(folder, name, 'main.ts'))) as { action: Action }).action;

async function main(argv: string[]): Promise<void> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') return overview();
  if (!names.includes(name)) {
    const hint = closest(name, names);
    throw new UserError(
      `There is no action "${name}": ${hint ? `did you mean "${hint}"?` : `it must be one of ${names.join(', ')}`}`,
    );
  }
  const action = await load(name);
  const { given, help } = readArguments(action.declaration, rest);
  if (help) return usage(action.declaration);

  const runner = terminalRunner();
  try {
    for (const input of Object.keys(action.declaration.inputs).filter(isSecret)) {
      const value = process.env[secretVariable(input)];
      if (value) runner.mask(value);
    }
    const inputs = readInputs(action.declaration, input =>
      isSecret(input) ? process.env[secretVariable(input)] : given[input],
    );
    const outputs = await action.main(runner, inputs);
    for (const [output, value] of Object.entries(outputs)) {
      if (value) runner.info(`${styleText('dim', `${output}:`)} ${value}`);
    }
  } catch (error) {
    reportError(runner, error);
    process.exitCode = 1;
  } finally {
    await runner.close();
  }
}

/** Reads `[environment] --input value --flag` by the action's declaration. */
function readArguments(
  declaration: Declaration,
  args: string[],
): { given: Record<string, string>; help: boolean } {
  const options = Object.fromEntries(
    Object.entries(declaration.inputs).map(([name, input]) => [
      name,
      { type: isFlag(input) ? ('boolean' as const) : ('string' as const) },
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
  const [environment, ...extra] = positionals;
  if (extra.length > 0)
    throw new UserError(
      `"${extra[0]}" is one word too many: write ${declaration.name} ENVIRONMENT --option …`,
    );
  const given: Record<string, string> = Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  if (environment !== undefined) given.environment = environment;
  return { given, help: values.help === true };
}

async function overview(): Promise<void> {
  const actions = await Promise.all(names.map(load));
  print('Usage: npm run slipway -- ACTION [ENVIRONMENT] [--dry-run] [--option VALUE …]', '');
  for (const { declaration } of actions)
    print(`  ${declaration.name.padEnd(12)}${firstSentence(declaration.description)}`);
  print('', 'npm run slipway -- ACTION --help lists the options of one action.');
}

function usage({ name, description, inputs, outputs }: Declaration): void {
  const positional = 'environment' in inputs ? ' [ENVIRONMENT]' : '';
  print(`Usage: npm run slipway -- ${name}${positional} [options]`, '', description.trim(), '', 'Options:');
  for (const [option, input] of Object.entries(inputs)) {
    if (option === 'environment' || isSecret(option)) continue;
    const form = isFlag(input) ? `--${option}` : `--${option} VALUE`;
    const note = input.required
      ? ' (required)'
      : input.default && !isFlag(input)
        ? ` (${input.default})`
        : '';
    print(`  ${form.padEnd(28)}${input.description}${note}`);
  }
  const secrets = Object.keys(inputs).filter(isSecret);
  if (secrets.length > 0) print('', 'Read from the environment, never from the command line:');
  for (const secret of secrets) print(`  ${secretVariable(secret).padEnd(28)}${inputs[secret]?.description}`);
  if (Object.keys(outputs).length > 0) print('', 'Prints:');
  for (const [output, { description: what }] of Object.entries(outputs))
    print(`  ${output.padEnd(28)}${what}`);
}

const firstSentence = (text: string): string => text.trim().split(/\.\s/)[0]?.replace(/\.$/, '') ?? '';
const print = (...lines: string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

try {
  await main(process.argv.slice(2));
} catch (error) {
  reportError(terminalRunner(), error);
  process.exitCode = 2;
}
