import { join } from 'node:path';
import type { Runner } from '../runner/runner.ts';
import type { Finding } from './diagnostics.ts';

/**
 * The files that `terraform fmt` would change, each at the first line that it would. What is not formatted plans the same,
 * so this is never more than a warning; files with mistakes in them are left to `validate`, which says more.
 * @param directory the folder with the root module; folders in it are looked at too
 */
export async function unformatted(runner: Runner, directory: string): Promise<Finding[]> {
  const { stdout } = await runner.run('terraform', ['fmt', '-check', '-diff', '-recursive', '-no-color'], {
    cwd: directory,
    // 2: a file that cannot be parsed; 3: one that is not formatted.
    expect: [0, 2, 3],
  });
  return parseDiff(stdout).map(({ file, line }) => ({
    message: `This is not as Terraform formats it: run "terraform fmt -recursive ${directory}" and commit what it changes`,
    at: { file: join(directory, file), line },
  }));
}

/** Reads the unified diff: its own line numbers, that of the first line which differs. */
export function parseDiff(diff: string): { file: string; line: number }[] {
  const found = new Map<string, number>();
  let file = '';
  let line = 0;
  for (const text of diff.split('\n')) {
    const header = /^--- old\/(.+)$/.exec(text)?.[1];
    const hunk = /^@@ -(\d+)/.exec(text)?.[1];
    if (header !== undefined) file = header;
    else if (hunk !== undefined) line = Number(hunk);
    else if (/^\+\+\+ new\//.test(text)) continue;
    else if (/^[-+]/.test(text)) found.set(file, found.get(file) ?? line);
    else line++;
  }
  return [...found].map(([name, first]) => ({ file: name, line: first }));
}
