import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { UserError } from '../../lib/runner/errors.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Shop } from '../../sandbox/shop.ts';

const root = join(import.meta.dirname, '../..');

/**
 * What docs/getting-started.md has a team do in a terminal: `setup --apply` in a checkout of theirs. From then on what its
 * jobs are given, and whom they wait for, is what stands in the repository's environments.
 * @param reviewer the login of who is asked before production is deployed
 * @returns what it has made of environments, and how it all stands
 * @throws UserError with all that it said when something is missing or wrong afterwards
 */
export async function setUp(sandbox: Sandbox, shop: Shop, reviewer: string): Promise<string> {
  const { github, run, secrets } = sandbox;
  const who = 'octocat';
  github.repository(shop.platform).administer(who);
  github.token(reviewer); // whoever has one is somebody on GitHub
  const cwd = join(run.folder, 'terminal');
  const env = {
    ...(await sandbox.environment()),
    ...secrets,
    GITHUB_TOKEN: github.token(who),
  };
  const execute = promisify(execFile);
  await execute('git', ['clone', '--quiet', `https://github.com/${shop.platform}`, cwd], { env });
  const command = [join(root, 'scripts/slipway.ts'), 'setup', '--apply', '--reviewer', reviewer];
  const { stdout } = await execute(process.execPath, command, { cwd, env }).catch(
    ({ stdout: said = '', stderr = '' }: { stdout?: string; stderr?: string }) => {
      throw new UserError(`setup has not set up everything:\n${said}${stderr}`);
    },
  );
  const lines = stripVTControlCharacters(stdout).trimEnd().split('\n');
  return [...lines.filter(line => /^\+ .*\benvironment\b/.test(line)), lines.at(-1) ?? ''].join('\n');
}
