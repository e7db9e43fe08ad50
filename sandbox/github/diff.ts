export interface ChangedFile {
  path: string;
  status: 'added' | 'removed' | 'modified';
  sha: string;
  additions: number;
  deletions: number;
  patch: string;
}

/** @param text runs git and gives its output */
export async function changedFiles(
  text: (args: string[]) => Promise<string>,
  from: string,
  to: string,
): Promise<ChangedFile[]> {
  const range = ['--no-renames', '--full-index', from, to];
  const [raw, numbers, patches] = await Promise.all([
    text(['diff-tree', '-r', '-z', '--raw', ...range]),
    text(['diff-tree', '-r', '-z', '--numstat', ...range]),
    text(['diff-tree', '-r', '-p', ...range]),
  ]);
  const counts = new Map(
    numbers
      .split('\0')
      .filter(Boolean)
      .map(line => line.split('\t'))
      .map(([added, removed, path]) => [
        path,
        { additions: Number(added) || 0, deletions: Number(removed) || 0 },
      ]),
  );
  const bodies = patches.split(/^diff --git .*$/m).slice(1);
  const words = { A: 'added', D: 'removed' } as Record<string, ChangedFile['status']>;
  const fields = raw.split('\0').filter(Boolean);
  return Array.from({ length: fields.length / 2 }, (_, index) => {
    const [, , before = '', after = '', letter = ''] = (fields[2 * index] ?? '').split(' ');
    const path = fields[2 * index + 1] ?? '';
    const hunk = bodies[index]?.search(/^@@ /m) ?? -1;
    return {
      path,
      status: words[letter] ?? 'modified',
      sha: letter === 'D' ? before : after,
      additions: counts.get(path)?.additions ?? 0,
      deletions: counts.get(path)?.deletions ?? 0,
      patch: hunk < 0 ? '' : (bodies[index]?.slice(hunk).replace(/\n$/, '') ?? ''),
    };
  });
}
