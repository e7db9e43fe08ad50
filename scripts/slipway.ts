import { readdirSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { closest } from '../lib/platform/closest.ts';
import { type Action, isSecret, readInputs, secretVariable } from '../lib/runner/action.ts';
import { UserError } from '../lib/runner/errors.ts';
import { reportError } from '../lib/runner/report.ts';
import { terminalRunner } from '../lib/runner/terminal.ts';
import { readArguments } from './slipway/arguments.ts';
import { line, usage } from './slipway/usage.ts';

const folder = join(import.meta.dirname, '..', 'actions');
const commands = join(import.meta.dirname, 'slipway', 'commands');

/** The actions in the order in which a platform lives through them, and what only a terminal has. */
const order = [
  'setup',
  'doctor',
  'plan',
  'apply',
  'kubeconfig',
  'bootstrap',
  'dns',
  'promote',
  'history',
  'teardown',
  'restore',
];
const files = new Map([
  ...readdirSync(folder).map(name => [name, join(folder, name, 'main.ts')] as const),
  ...readdirSync(commands).map(file => [file.replace(/\.ts$/, ''), join(commands, file)] as const),
]);
const names = [...files.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b));

const load = async (name: string): Promise<Action> =>
  ((await import(files.get(name) ?? '')) as { action: Action }).action;

async function main(argv: string[]): Promise<void> {
  const [name, ...rest] = argv;
  if (name === undefined || ['--help', '-h', 'help'].includes(name)) return overview();
  if (!names.includes(name)) {
    const hint = closest(name, names);
    throw new UserError(
      `There is no action "${name}": ${hint ? `did you mean "${hint}"?` : `it must be one of ${names.join(', ')}`}`,
    );
  }
  const action = await load(name);
  const { given, help } = readArguments(action.declaration, rest);
  if (help) return print(usage(action.declaration, process.stdout.columns));

  const runner = terminalRunner();
  process.stdout.on('error', () => {}); // a terminal that was closed: what runs is waited for all the same
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, async () => {
      // What must end by itself has its own listener. Else only the folders, with kubeconfigs and plans, remain.
      if (process.listenerCount('SIGINT') > 1) return;
      await runner.close();
      process.exit(130);
    });
  }
  try {
    for (const input of Object.keys(action.declaration.inputs).filter(isSecret)) {
      const value = process.env[secretVariable(input)];
      if (value) runner.mask(value);
    }
    const declared = action.declaration.inputs;
    const inputs = readInputs(action.declaration, input =>
      isSecret(input)
        ? process.env[secretVariable(input)]
        : // A folder that is "here" unless told is where somebody stands.
          path(input, given[input] ?? (declared[input]?.default === '.' ? '.' : undefined)),
    );
    const outputs = await action.main(runner, inputs);
    for (const [output, value = ''] of Object.entries(outputs)) runner.output(output, value);
  } catch (error) {
    reportError(runner, error);
    process.exitCode = 1;
  } finally {
    await runner.close();
  }
}

const pathInputs = ['plan-json', 'platform', 'directory', 'manifests', 'kubeconfig'];

/** npm starts us in the package's folder: what somebody names is meant from where they stand. */
const path = (input: string, value: string | undefined): string | undefined =>
  value !== undefined && pathInputs.includes(input) && process.env.INIT_CWD && !isAbsolute(value)
    ? relative('.', resolve(process.env.INIT_CWD, value)) || '.'
    : value;

async function overview(): Promise<void> {
  const actions = await Promise.all(names.map(load));
  print('Usage: npm run slipway -- ACTION [ENVIRONMENT] [--dry-run] [--option VALUE …]', '');
  for (const { declaration } of actions)
    print(line(declaration.name, 12, firstSentence(declaration.description), process.stdout.columns));
  print(
    '',
    'npm run slipway -- ACTION --help lists the options of one action, and the variables that it reads secrets from.',
  );
}

const firstSentence = (text: string): string => text.trim().split(/\.\s/)[0]?.replace(/\.$/, '') ?? '';
const print = (...lines: string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

try {
  await main(process.argv.slice(2));
} catch (error) {
  reportError(terminalRunner(), error);
  process.exitCode = 2;
}
