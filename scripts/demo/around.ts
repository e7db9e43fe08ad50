import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/** What to type to look around in a world that stays up. */
export async function howToLookAround(sandbox: Sandbox): Promise<string> {
  // Without TMPDIR: whoever carries the run's own is ended with the run, and nobody wants that of a shell.
  const { TMPDIR: _, HOME: __, ...environment } = await sandbox.environment();
  const file = join(sandbox.run.folder, 'environment');
  const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
  const lines = Object.entries({ ...environment, ...sandbox.secrets }).map(
    ([name, value]) => `export ${name}=${quoted(value)}`,
  );
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return [
    'Everything stays up until ^C. In another terminal, in this folder:',
    '',
    // With real nodes all of it is in a network of its own.
    ...(sandbox.images ? [`  nsenter --target ${process.pid} --net bash`] : []),
    `  . ${file}`,
    '  npm run slipway -- plan staging',
    '  npm run slipway -- kubeconfig staging --ttl-minutes 60',
    '  kubectl --kubeconfig FILE get applications --all-namespaces',
    '',
    `  Exoscale    ${sandbox.exoscale.url}/_sandbox/state`,
    `  Cloudflare  ${sandbox.cloudflare.url}/_sandbox/zones/example.com`,
    `  GitHub      ${sandbox.github.url}/_sandbox/state`,
    '',
    'Each also shows /_sandbox/requests, and takes faults: POST /_sandbox/faults.',
  ].join('\n');
}
