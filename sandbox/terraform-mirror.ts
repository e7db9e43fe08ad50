import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pinned } from './tools/parts.ts';

const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Lays out a mirror that holds the provider built here and nothing else, so that `terraform init` asks no registry.
 * https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror
 * @returns the file for TF_CLI_CONFIG_FILE
 */
export async function terraformMirror(folder: string, providerBinary: string): Promise<string> {
  const mirror = join(folder, 'providers');
  const version = pinned('terraform-provider-exoscale');
  const platform = `${process.platform}_${architectures[process.arch] ?? process.arch}`;
  const place = join(mirror, await providerAddress(folder), version, platform);
  await mkdir(place, { recursive: true });
  await symlink(providerBinary, join(place, `terraform-provider-exoscale_v${version}`));

  const configuration = join(folder, 'terraform.rc');
  await writeFile(
    configuration,
    `disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path = ${JSON.stringify(mirror)}
  }
}
`,
  );
  return configuration;
}

/** `HOST/exoscale/exoscale`: the host that the Terraform (or OpenTofu) at hand reads into a source without one. */
async function providerAddress(folder: string): Promise<string> {
  const asked = join(folder, 'provider-address');
  await mkdir(asked, { recursive: true });
  await writeFile(
    join(asked, 'main.tf'),
    'terraform {\n  required_providers {\n    exoscale = { source = "exoscale/exoscale" }\n  }\n}\n',
  );
  const { stdout } = await promisify(execFile)('terraform', ['providers'], {
    cwd: asked,
    env: { PATH: process.env.PATH, HOME: folder, CHECKPOINT_DISABLE: '1' },
  });
  const address = /provider\[(\S+)\]/.exec(stdout)?.[1];
  if (!address) throw new Error(`terraform providers named no provider:\n${stdout}`);
  return address;
}
