import { execFileSync } from 'node:child_process';

/* Stands alone: act copies this folder to where it runs it. */

const { INPUT_TERRAFORM_VERSION: wanted = '', INPUT_TERRAFORM_WRAPPER: wrapper } = process.env;
if (wrapper !== 'false') {
  console.log('::error::The sandbox has no wrapper around Terraform: set terraform_wrapper to false');
  process.exit(1);
}
const { terraform_version: version } = JSON.parse(
  execFileSync('terraform', ['version', '-json'], { encoding: 'utf8' }),
) as { terraform_version: string };
// What the demo runs on, it says before it starts; another version than the workflow's is worth a word and no more.
if (wanted !== version)
  console.log(`::warning::Terraform ${version} is on this machine, the workflow asks for ${wanted}`);
console.log(`Terraform ${version}`);
