import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface KubectlShim {
  /** To be put first on the PATH. */
  folder: string;
  /** The commands so far, in the order in which they began: `apply --filename - --server-side …`. */
  calls(): Promise<string[]>;
}

export interface ShimOptions {
  /** Kills who calls this: an argument that no other call has. */
  killAt?: string;
  /** What a call's `--request-timeout` becomes; a call of the cluster that has none is refused. */
  requestTimeout?: string;
  /** What `kubectl version` says it is; `v1.34.2`. */
  version?: string;
  /** And what it says of the cluster. */
  kubernetes?: string;
}

/**
 * A kubectl that does what the real one does, counts, and can kill its caller at one. What it is told is written into it, for whoever calls it hands on no variables.
 */
export async function kubectlShim(
  kubectl: string,
  parent: string,
  options: ShimOptions,
): Promise<KubectlShim> {
  const folder = await mkdtemp(join(parent, 'kubectl-'));
  const { killAt = '', requestTimeout = '', version = '', kubernetes = '' } = options;
  const file = join(folder, 'kubectl');
  await writeFile(
    file,
    `#!/bin/sh
printf '%s\\n' "$*" >>'${folder}'/calls # one write, so that two at the same time are two lines
if [ -n '${requestTimeout}' ] && [ "$1" != kustomize ]; then
  case " $* " in *' --request-timeout '*) ;; *) echo "kubectl $1 has no --request-timeout" >&2; exit 1;; esac
  is_limit=
  for argument in "$@"; do
    shift
    [ -n "$is_limit" ] && argument='${requestTimeout}'
    is_limit=; [ "$argument" = --request-timeout ] && is_limit=yes
    set -- "$@" "$argument"
  done
fi
[ -n '${killAt}' ] && case " $* " in *' ${killAt} '*) kill -KILL $PPID; exit 137;; esac
if [ -n '${version}${kubernetes}' ] && [ "$1" = version ]; then
  says() { [ -n "$2" ] && echo '/"'$1'": {/,/}/s/"gitVersion": "[^"]*"/"gitVersion": "'"$2"'"/'; }
  '${kubectl}' "$@" | sed "$(says clientVersion '${version}'; says serverVersion '${kubernetes}')"
else
  '${kubectl}' "$@"
fi
`,
  );
  await chmod(file, 0o755);
  return {
    folder,
    async calls() {
      const lines = await readFile(join(folder, 'calls'), 'utf8').catch(error => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      return lines.split('\n').filter(Boolean);
    },
  };
}
