import { type Declaration, isFlag, isList, isSecret, secretVariable } from '../../lib/runner/action.ts';

/** The text of `--help`, from what action.yml declares. */
export function usage({ name, description, inputs, outputs }: Declaration): string {
  const { environment } = inputs;
  const positional = environment ? (environment.required ? ' ENVIRONMENT' : ' [ENVIRONMENT]') : '';
  const lines = [
    `Usage: npm run slipway -- ${name}${positional} [options]`,
    '',
    description.trim(),
    '',
    'Options:',
  ];
  for (const [option, input] of Object.entries(inputs)) {
    if (option === 'environment' || isSecret(option)) continue;
    const form = isFlag(input) ? `--${option}` : `--${option} VALUE${isList(input) ? ' …' : ''}`;
    const note = input.required
      ? ' (required)'
      : input.default && !isFlag(input)
        ? ` (default: ${input.default})`
        : '';
    lines.push(`  ${form.padEnd(28)}${input.description}${note}`);
  }
  const secrets = Object.keys(inputs).filter(isSecret);
  if (secrets.length > 0) lines.push('', 'Read from the environment, never from the command line:');
  for (const secret of secrets)
    lines.push(`  ${secretVariable(secret).padEnd(28)}${inputs[secret]?.description}`);
  if (Object.keys(outputs).length > 0) lines.push('', 'Prints:');
  for (const [output, { description: what }] of Object.entries(outputs))
    lines.push(`  ${output.padEnd(28)}${what}`);
  return lines.join('\n');
}
