/**
 * Whether a list of filters takes a name: the last pattern that matches decides, and one that begins with `!` says no.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */
export function matches(patterns: readonly string[], name: string): boolean {
  const last = patterns.findLast(pattern => expression(pattern.replace(/^!/, '')).test(name));
  return last !== undefined && !last.startsWith('!');
}

/** `*` stops at a slash and `**` does not; `?` and `+` are about the character before, `[]` is a choice of characters. */
function expression(pattern: string): RegExp {
  const source = pattern.replace(/\\.|\*\*\/|\*\*|\*|\[[^\]]*\]|[?+]|[.^${}()|]/g, part => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part.startsWith('\\') || part.startsWith('[') || part === '?' || part === '+') return part;
    return `\\${part}`;
  });
  return new RegExp(`^${source}$`, 's');
}
