import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Takes away this side's ends of the cables of a run's nodes, which have `<run>/<cluster>` for an alias. They would go with
 * the namespaces of their other ends, but such a one stays for minutes while its sockets say goodbye to pods that are gone.
 */
export async function removeCables(run: string): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
  const links = await execute('ip', ['-json', 'link']).catch(() => ({ stdout: '[]' })); // without ip there is no node either
  for (const { ifname, ifalias = '' } of JSON.parse(links.stdout) as { ifname: string; ifalias?: string }[])
    if (ifalias.startsWith(`${run}/`)) await execute('ip', ['link', 'delete', ifname]).catch(() => {}); // gone meanwhile
}
