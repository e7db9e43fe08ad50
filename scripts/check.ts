import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { load } from '../lib/platform/platform.ts';
import { UserErrors } from '../lib/runner/errors.ts';
import { elapsed } from '../lib/runner/text.ts';
import { stale } from './docs.ts';
import { installServices, services } from './services.ts';
import { environmentErrors } from './workflow-environments.ts';

const root = join(import.meta.dirname, '..');
process.chdir(root); // so that what is named is named from here

/** Each check resolves to what is wrong, or to nothing. All of them run: one look shows every mistake. */
const checks: Record<string, () => Promise<string>> = {
  'format and lint': () => command('biome', ['check', '--error-on-warnings']),
  types: () => command('tsc', ['--noEmit']),
  'types of the services': async () => {
    try {
      await installServices(line => process.stdout.write(`  ${line}\n`));
    } catch (error) {
      return (error as Error).message;
    }
    const wrong = await Promise.all(services.map(({ folder }) => command('npm', ['run', 'types'], folder)));
    return wrong.filter(Boolean).join('\n');
  },
  'what the UI knows of the API': async () => {
    const ui = join(root, 'services/ui');
    const wrong = await Promise.all(
      ['product', 'user-manager'].map(name =>
        command(
          join(ui, 'node_modules/.bin/openapi-typescript'),
          [`../${name}/openapi.json`, '--check', '--output', `client/api/${name}.d.ts`],
          ui,
        ),
      ),
    );
    return wrong.some(Boolean) ? `${wrong.join('\n')}\nRun: npm run api-types (in services/ui)` : '';
  },
  'import directions': () => command('vitest', ['run', '--project', 'unit', 'lib/imports.test.ts']),
  'derived files': async () => {
    const files = stale();
    return files.length === 0 ? '' : `Out of date: ${files.join(', ')}. Run: npm run docs`;
  },
  'platform.yaml and the pins': async () => {
    const { checkPins } = await import('../lib/platform/pins.ts');
    try {
      await checkPins(await load('platform.yaml'), 'manifests');
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  },
  'platform.yaml and the workflows': async () => {
    const files = globSync('.github/workflows/*.yml').sort();
    const texts = await Promise.all(files.map(async file => [file, await readFile(file, 'utf8')] as const));
    try {
      const { environments } = await load('platform.yaml');
      const errors = environmentErrors(Object.keys(environments), Object.fromEntries(texts));
      return new UserErrors(errors).message;
    } catch (error) {
      return (error as Error).message;
    }
  },
};

function command(name: string, args: string[], cwd = root): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    child.once('error', reject);
    child.once('close', code => resolve(code === 0 ? '' : output.trim() || `${name} ended with ${code}`));
  });
}

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  const started = Date.now();
  const wrong = await check();
  const mark = wrong ? styleText('red', '✗') : styleText('green', '✓');
  process.stdout.write(`${mark} ${name} ${styleText('dim', elapsed(Date.now() - started))}\n`);
  if (wrong) process.stdout.write(`${wrong}\n\n`);
  if (wrong) failed++;
}
if (failed > 0) {
  process.stdout.write(`${failed} of ${Object.keys(checks).length} checks failed.\n`);
  process.exitCode = 1;
}
