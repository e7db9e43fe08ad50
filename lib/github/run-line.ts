import type { Runner } from '../runner/runner.ts';

/** What a text in a comment was made from: `commit abcdef0 · [the run](https://…)` */
export const runLine = ({ context: { runUrl, sha } }: Pick<Runner, 'context'>): string =>
  [sha && `commit ${sha.slice(0, 7)}`, runUrl && `[the run](${runUrl})`].filter(Boolean).join(' · ');
