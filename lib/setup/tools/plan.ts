import { coerce, gte } from 'semver';
import { type Row, rowsOf } from '../row.ts';
import type { Wish } from '../wish.ts';
import type { ToolsWorld } from './observe.ts';

const row = rowsOf('This machine');

/** Terraform's least version is the one for locks in the bucket; git's the one that merges without a working tree. */
const least: Record<string, string> = { node: '20.19', git: '2.38', terraform: '1.10', kubectl: '1.30' };

const from: Record<string, string> = {
  node: 'https://nodejs.org/en/download',
  git: 'https://git-scm.com/downloads',
  terraform: 'https://developer.hashicorp.com/terraform/install',
  kubectl: 'https://kubernetes.io/docs/tasks/tools/',
};

/** What `npm run slipway` runs beside the workflows. Pure. */
export function planTools({ workflows }: Wish, world: ToolsWorld): Row[] {
  return [...world].map(([tool, reading]) => {
    const todo = `install it: ${from[tool]}`;
    if ('unreadable' in reading) return row(tool, 'missing', 'it is not on the PATH', { todo });
    const [version, wanted] = [reading.value, least[tool] ?? '0'];
    const isNew = gte(coerce(version) ?? '0.0.0', coerce(wanted) ?? '0.0.0');
    if (!isNew)
      return row(tool, 'wrong', `${version || 'a version that it does not tell'}, and ${wanted} is needed`, {
        todo,
      });
    if (tool === 'terraform' && workflows.terraform && workflows.terraform !== version)
      return row(
        tool,
        'warning',
        `${version}, where the workflows have ${workflows.terraform}: a state that a newer one has written is closed to an older one`,
      );
    return row(tool, 'ok', version);
  });
}
