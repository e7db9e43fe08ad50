import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from '../tools/build.ts';

/**
 * Makes `.release/cert-manager.yaml` in a folder that holds cert-manager's chart, and takes the chart away: the file that
 * its GitHub releases carry, rendered with upstream's own arguments.
 * https://github.com/cert-manager/cert-manager/blob/v1.21.2/make/manifests.mk
 * @param tag `v1.21.2`
 * @param env what Helm gets to see; its TMPDIR is where it works
 * @throws ToolError when Helm is missing and cannot be built
 */
export async function renderRelease(folder: string, tag: string, env: NodeJS.ProcessEnv): Promise<void> {
  const scratch = env.TMPDIR as string;
  const helm = async (...args: string[]) => {
    const options = {
      env: { ...env, HELM_CACHE_HOME: scratch, HELM_CONFIG_HOME: scratch, HELM_DATA_HOME: scratch },
    };
    return (await promisify(execFile)(await tool('helm'), args, { ...options, maxBuffer: 64e6 })).stdout;
  };
  const chart = join(folder, 'deploy/charts/cert-manager');
  await helm('package', `--app-version=${tag}`, `--version=${tag}`, `--destination=${scratch}`, chart);
  const rendered = await helm(
    'template',
    '--kube-version=1.29.0',
    '--api-versions=',
    '--namespace=cert-manager',
    '--set=crds.enabled=true',
    '--set=creator=static',
    '--set=startupapicheck.enabled=false',
    'cert-manager',
    join(scratch, `cert-manager-${tag}.tgz`),
  );
  const namespace = await readFile(join(folder, 'deploy/manifests/namespace.yaml'), 'utf8');
  await mkdir(join(folder, '.release'));
  await writeFile(join(folder, '.release/cert-manager.yaml'), `${namespace.trimEnd()}\n${rendered}`);
  await rm(join(folder, 'deploy'), { recursive: true });
}
