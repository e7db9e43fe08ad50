/** A text as a block of code, behind a fence that is longer than any in it. */
export function fenced(language: string, inside: string): string {
  let run = 2;
  for (const [found] of inside.matchAll(/`+/g)) run = Math.max(run, found.length);
  const fence = '`'.repeat(run + 1);
  return `${fence}${language}\n${inside}\n${fence}`;
}
