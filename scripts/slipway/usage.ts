import { type Declaration, isFlag, isList, isSecret, secretVariable } from '../../lib/runner/action.ts';
import { wrapped } from '../../lib/runner/text.ts';

type Input = Declaration['inputs'][string];

/**
 * The text of `--help`, from what action.yml declares.
 * @param columns how wide the terminal is; undefined where it is none
 */
export function usage({ name, description, inputs, outputs }: Declaration, columns?: number): string {
  const { environment } = inputs;
  const positional = environment ? (environment.required ? ' ENVIRONMENT' : ' [ENVIRONMENT]') : '';
  const secrets = Object.entries(inputs).filter(([input]) => isSecret(input));
  const sections: [string, [string, string][]][] = [
    [
      'Options:',
      Object.entries(inputs)
        .filter(([option]) => !isSecret(option))
        .map(([option, input]) => [form(option, input), `${input.description}${note(option, input)}`]),
    ],
    [
      'Read from the environment, never from the command line:',
      secrets.map(([secret, input]) => [
        secretVariable(secret),
        `${input.description}${input.required ? ' (required)' : ''}`,
      ]),
    ],
    ['Prints:', Object.entries(outputs).map(([output, { description }]) => [output, description])],
  ];
  const width = Math.max(...sections.flatMap(([, rows]) => rows.map(([left]) => left.length))) + 2;
  const told = sections
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => [title, ...rows.map(([left, right]) => line(left, width, right, columns))]);
  const about = wrapped(description.trim(), columns ?? Number.POSITIVE_INFINITY);
  return [[`Usage: npm run slipway -- ${name}${positional} [options]`], about, ...told]
    .map(lines => lines.join('\n'))
    .join('\n\n');
}

/** A name and what it is, below itself where one line does not hold it. */
export function line(left: string, width: number, right: string, columns = Number.POSITIVE_INFINITY): string {
  const indent = ' '.repeat(width + 2);
  const [first = '', ...more] = wrapped(right, columns - indent.length);
  return [`  ${left.padEnd(width)}${first}`, ...more.map(each => `${indent}${each}`)].join('\n');
}

function form(option: string, input: Input): string {
  if (option === 'environment') return 'ENVIRONMENT';
  return isFlag(input) ? `--${option}` : `--${option} VALUE${isList(input) ? ' …' : ''}`;
}

function note(option: string, input: Input): string {
  if (input.required) return option === 'environment' ? '' : ' (required)';
  return input.default && !isFlag(input) ? ` (default: ${input.default})` : '';
}
