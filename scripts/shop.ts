import { styleText } from 'node:util';
import { UserError } from '../lib/runner/errors.ts';
import { reportError } from '../lib/runner/report.ts';
import { terminalRunner } from '../lib/runner/terminal.ts';
import { build, sentence } from '../sandbox/tools/build.ts';
import { timeline } from './demo/timeline.ts';
import { openShop } from './shop/open.ts';

/*
 * npm run shop   the whole shop on this machine: PostgreSQL, the three services, Traefik with the cluster's own routes
 */

const usage = `Usage: npm run shop

Opens the whole shop on this machine, with goods on its shelves. ^C closes it, and leaves nothing.
The first run compiles Traefik: about five minutes on two cores.
`;

const stopped = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => reject(new Stopped(signal)));
});
stopped.catch(() => {});
class Stopped extends Error {}

async function main([argument]: string[]): Promise<void> {
  if (argument === '--help' || argument === '-h') {
    process.stdout.write(usage);
    return;
  }
  if (argument !== undefined) throw new UserError(`The shop has no option ${argument}: it takes none`);

  const line = timeline();
  await Promise.race([build(['traefik'], event => line.aside(sentence(event))), stopped]);
  const shop = await line.step('The shop opens', say => Promise.race([openShop(say), stopped]));
  try {
    const { shopOrigin, admin, run } = shop;
    line.show(
      [
        `${styleText('bold', shopOrigin)}`,
        '',
        'Register as a customer, or log in as the administrator:',
        `  ${admin.email}`,
        `  ${admin.password}`,
        '',
        `Mails and logs are in ${run.folder}/logs. ^C closes the shop.`,
      ].join('\n'),
    );
    setInterval(() => {}, 1 << 30); // nothing else keeps this process from ending
    const broken = new Promise<never>((_, reject) =>
      run.broken.addEventListener('abort', () => reject(run.broken.reason)),
    );
    await Promise.race([broken, stopped]);
  } finally {
    await shop.close();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Stopped) process.stdout.write('\nThe shop is closed; nothing is left running.\n');
  else {
    const known = error instanceof Error && ['ToolError', 'ProcessError'].includes(error.name);
    reportError(terminalRunner(), known ? new UserError((error as Error).message) : error);
    process.exitCode = 1;
  }
}
process.exit(); // what was being opened when it was stopped ends with this process: its guard sees to it
