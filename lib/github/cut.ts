/**
 * The beginning of a Markdown text, of at most so many UTF-16 units: cut between lines, with whatever was open there
 * (a fence, a fold) closed, and a note at its end. What is cut twice is as if it had been cut once.
 */
export function cutMarkdown(text: string, room: number, note: string): string {
  const ending = `\n\n${note}`;
  let kept = '';
  let end = -1;
  let fence = '';
  let folds = 0;
  for (const line of text.split('\n')) {
    end += line.length + 1;
    if (end + ending.length > room) break;
    const ticks = /^(`{3,}|~{3,})/.exec(line)?.[0] ?? '';
    if (fence) fence = ticks === line && ticks.startsWith(fence) ? '' : fence;
    else if (ticks) fence = ticks;
    else if (/^<details[ >]/.test(line)) folds++;
    else if (/^<\/details>/.test(line)) folds--;
    const closing = (fence && `\n${fence}`) + '\n\n</details>'.repeat(Math.max(0, folds));
    if (end + closing.length + ending.length <= room) kept = text.slice(0, end) + closing;
  }
  // Not even one line fits: its beginning, so that there is something to know the text by.
  kept ||= (text.split('\n', 1)[0] ?? '')
    .slice(0, Math.max(0, room - ending.length))
    .replace(/[\uD800-\uDBFF]$/, '');
  return `${kept.trimEnd()}${ending}`;
}
