import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { tool } from './tools/build.ts';

/**
 * Runs the real external-dns once, as it stands in a cluster. Several may run beside each other, for its metrics get any port.
 * @param home a folder of the caller's own
 * @param flags all but those that say how it runs
 * @returns its log
 * @throws when it ends with another exit code than 0
 */
export async function externalDns(
  { kubeconfig, home, env = {} }: { kubeconfig: string; home: string; env?: Record<string, string> },
  flags: readonly string[],
): Promise<string> {
  const always = ['--once', '--metrics-address=127.0.0.1:0', `--kubeconfig=${kubeconfig}`];
  const { stdout, stderr } = await promisify(execFile)(await tool('external-dns'), [...always, ...flags], {
    env: { HOME: home, ...env },
    maxBuffer: 1e8,
  });
  return stdout + stderr;
}

/** Where it finds the stand-in for Cloudflare. */
export const externalDnsAt = (url: string): Record<string, string> => ({
  CF_API_TOKEN: 'cloudflare-token',
  CLOUDFLARE_BASE_URL: `${url}/client/v4`,
});
