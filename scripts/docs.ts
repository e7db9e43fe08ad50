import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { schema } from '../lib/platform/schema.ts';
import type { Declaration } from '../lib/runner/action.ts';
import { isSecret, secretVariable } from '../lib/runner/action.ts';

const root = join(import.meta.dirname, '..');

/** Every file that is derived from another, with the text it must have. */
export function derived(): Map<string, string> {
  const files = new Map<string, string>();
  files.set(
    'platform.schema.json',
    `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema }, null, 2)}\n`,
  );
  for (const name of actions()) {
    const declaration = declared(name);
    files.set(`actions/${name}/declaration.ts`, declarationModule(declaration));
    const readme = `actions/${name}/README.md`;
    if (!existsSync(join(root, readme))) continue;
    files.set(
      readme,
      [
        ['inputs', inputTable(declaration)],
        ['outputs', outputTable(declaration)],
      ].reduce(
        (text, [marker, table]) => between(text ?? '', marker ?? '', table ?? '', readme),
        read(readme),
      ),
    );
  }
  return files;
}

export const actions = (): string[] =>
  readdirSync(join(root, 'actions')).filter(name => existsSync(join(root, 'actions', name, 'action.yml')));

/** What action.yml declares, in its order. */
export function declared(name: string): Declaration {
  const { description, inputs = {}, outputs = {} } = parse(read(`actions/${name}/action.yml`)) as Declaration;
  return { name, description, inputs, outputs };
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

function declarationModule(declaration: Declaration): string {
  const source = `// Written by \`npm run docs\` from action.yml: change that file, not this one.
import type { Declaration } from '../../lib/runner/action.ts';

export const declaration = ${JSON.stringify(declaration)} as const satisfies Declaration;
`;
  return execFileSync('biome', ['format', '--stdin-file-path=declaration.ts'], {
    cwd: root,
    input: source,
    encoding: 'utf8',
  });
}

const cell = (text: string): string =>
  text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|');

function inputTable({ inputs }: Declaration): string {
  const rows = Object.entries(inputs).map(([name, input]) => {
    const fallback = isSecret(name) ? ` Without it: the variable \`${secretVariable(name)}\`.` : '';
    const given = input.required ? 'required' : input.default ? `\`${input.default}\`` : '';
    return `| \`${name}\` | ${cell(input.description)}.${fallback} | ${given} |`;
  });
  return ['| input | what it is | default |', '| --- | --- | --- |', ...rows].join('\n');
}

function outputTable({ outputs }: Declaration): string {
  const rows = Object.entries(outputs).map(
    ([name, { description }]) => `| \`${name}\` | ${cell(description)}. |`,
  );
  return rows.length === 0 ? 'None.' : ['| output | what it is |', '| --- | --- |', ...rows].join('\n');
}

function between(text: string, marker: string, content: string, file: string): string {
  const [open, close] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from)
    throw new Error(`${file} has no ${open} … ${close}: add the two markers where the table belongs`);
  return `${text.slice(0, from + open.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** The derived files that differ from what they should be. */
export const stale = (): string[] =>
  [...derived()]
    .filter(([file, text]) => !existsSync(join(root, file)) || read(file) !== text)
    .map(([file]) => file);

function write(): void {
  const changed = stale();
  for (const [file, text] of derived()) if (changed.includes(file)) writeFileSync(join(root, file), text);
  process.stdout.write(
    changed.length === 0 ? 'All derived files are up to date.\n' : `Written: ${changed.join(', ')}\n`,
  );
}

if (import.meta.main) write();
