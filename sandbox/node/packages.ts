import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { duration } from '../tools/build.ts';
import { ToolError } from '../tools/errors.ts';

/** While it answers 101, Debian's packages start no service when they are installed. See invoke-rc.d(8). */
const policy = '/usr/sbin/policy-rc.d';
export const ours =
  '#!/bin/sh\n# Slipway, while it installs packages: it wants their programs, not their services.\nexit 101\n';

/** Lets services start again, which they do not after an installation that was killed. What others have put there stays. */
export function allowServices(file = policy): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === ours) rmSync(file);
}

/**
 * Installs Debian packages, without their services being started. Can be killed and run again.
 * @param report a line of progress
 * @throws ToolError with what apt-get said last
 */
export async function installPackages(packages: string[], report: (line: string) => void): Promise<void> {
  const started = performance.now();
  const elapsed = () => duration((performance.now() - started) / 1000);
  report(`Installing Debian packages, their services off: ${packages.join(', ')}.`);
  allowServices();
  if (!existsSync(policy)) writeFileSync(policy, ours, { mode: 0o755 });
  try {
    const install = ['install', '--yes', '--no-install-recommends', ...packages];
    await command('dpkg', ['--configure', '-a'], report); // what a killed installation left half done
    const lists = '/var/lib/apt/lists';
    if (!existsSync(lists) || !readdirSync(lists).some(name => name.includes('_Packages')))
      await command('apt-get', ['update'], report);
    await command('apt-get', install, report).catch(async () => {
      // The lists may name versions that the mirror has no more.
      await command('apt-get', ['update'], report);
      await command('apt-get', install, report);
    });
  } finally {
    allowServices();
  }
  report(`Debian packages installed in ${elapsed()}.`);
}

async function command(name: string, args: string[], report: (line: string) => void): Promise<void> {
  const { PATH, http_proxy, https_proxy } = process.env;
  const env = { PATH: `${PATH}:/usr/sbin:/sbin`, http_proxy, https_proxy, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn(name, args, { env: { ...env, LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  const listen = (line: string) => {
    said.push(line);
    const [, what] = /^Setting up (\S+?)(?::\w+)? /.exec(line) ?? [];
    if (what) report(`Setting up ${what}.`);
  };
  createInterface({ input: child.stdout }).on('line', listen);
  createInterface({ input: child.stderr }).on('line', listen);
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new ToolError(`\`${name} ${args.join(' ')}\` fails:\n${said.slice(-8).join('\n')}`);
}
