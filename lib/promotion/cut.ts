/** The first of some lines, as many as fit into a length, and how many are left out. */
export function cutLines(lines: readonly string[], most: number): { kept: string[]; left: number } {
  let used = 0;
  const end = lines.findIndex(line => {
    used += line.length + 1;
    return used > most;
  });
  const kept = lines.slice(0, end < 0 ? undefined : end);
  return { kept, left: lines.length - kept.length };
}
