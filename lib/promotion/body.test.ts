import { expect, test } from 'vitest';
import { type Body, markdown } from './body.ts';
import type { Comparison } from './comparisons.ts';
import { readPin } from './pin.ts';
import { set } from './plan.ts';

const moves = (count: number, revision: string) =>
  Array.from({ length: count }, (_, index) => {
    const text = 'kind: Application\nspec:\n  source:\n    targetRevision: v1 # ``` @team #1\n';
    return set(readPin(`service-${index}`, `pins/${index}.yaml`, Buffer.from(text)), { revision }).moves;
  }).flat();

const repository = 'https://github.com/acme/service-0';
const comparison = (between: Comparison['between'], to = 'v2'): Comparison => ({
  ...{ repository, compare: `${repository}/compare/v1...${to}`, between },
});
const commit = (headline: string, author = 'octocat') => ({ sha: 'a'.repeat(40), headline, author });
const known = (...headlines: string[]): Comparison['between'] => ({
  ...{ known: true, commits: headlines.map(each => commit(each)), left: 0, isAll: true },
});
const body = (parts: Partial<Body>): string =>
  markdown({
    ...{ environment: 'production', from: 'staging', isProposal: true, moves: moves(1, 'v2') },
    ...{ added: [], dropped: [], withheld: [], kept: [], asked: {}, comparisons: new Map() },
    gates: { warning: '', table: '' },
    ...parts,
  });

test('nothing in the body mentions anybody, and no fence closes early', () => {
  const comparisons = new Map([
    ['service-0', comparison(known('Fix #12 for @mallory | `x`'), 'v2_*_%40team')],
  ]);
  const asked = { by: 'octocat (push)', run: 'https://github.com/acme/platform/actions/runs/7' };
  expect(
    body({ moves: moves(1, 'v2_*_@team'), comparisons, asked }),
  ).toBe(`### Promote service-0 to production: v1 → v2\\_\\*\\_@\u200bteam

These versions were taken from the pins of staging. Merging this brings them to production.

| service | versions | commits |
| --- | --- | --- |
| \`service-0\` | \`v1\` → \`v2_*_@\u200bteam\` (revision) | [v1…v2\\_\\*\\_@\u200bteam](https://github.com/acme/service-0/compare/v1...v2_*_%40team) (1 commit) |

<details><summary>service-0: 1 commit</summary>

- [\`aaaaaaa\`](https://github.com/acme/service-0/commit/${'a'.repeat(40)}) \`Fix #\u200b12 for @\u200bmallory \\| 'x'\` \`octocat\`

</details>

\`\`\`\`diff
@@ pins/0.yaml:4 @@
-    targetRevision: v1 # \`\`\` @team #1
+    targetRevision: "v2_*_@team" # \`\`\` @team #1
\`\`\`\`

Asked for by \`octocat (push)\` · [the run](https://github.com/acme/platform/actions/runs/7)`);
});

test.each([
  ['Closes https://github.com/acme/x/issues/1', /https:\u200b\/\/github/],
  ['fixes GH-7', /fixes G\u200bH-7/],
  ['ends in \u202e nowhere\u0007', /`ends in nowhere`/],
  ['x'.repeat(500), /`x{99}…`/],
])('the headline %j stays a text, also in the message of a squashed commit', (headline, shown) => {
  const text = body({ comparisons: new Map([['service-0', comparison(known(headline))]]) });
  expect(text).toMatch(shown);
  expect(text).not.toMatch(/(closes|fixes) (https:\/\/|GH-\d|#\d)/i);
});

test.each<[string, Comparison['between'], string]>([
  [
    'many',
    { known: true, commits: Array(100).fill(commit('x')), left: 0, isAll: false },
    ' (more than 100 commits) |',
  ],
  ['a step back', { known: true, commits: [], left: 2, isAll: true }, ' (back by 2 commits) |'],
  [
    'another line',
    { known: true, commits: [commit('x')], left: 3, isAll: true },
    ' (1 commit, without 3 of the old) |',
  ],
  [
    'what is not seen',
    { known: false, why: 'this token does not see the repository' },
    ') (this token does not see the repository) |',
  ],
  ['what was not asked', { known: false, why: '' }, 'compare/v1...v2) |'],
])('%s: the table says how many commits there are, and links to them', (_, between, expected) => {
  const text = body({ comparisons: new Map([['service-0', comparison(between)]]) });
  expect(text).toContain(expected);
  expect(text.match(/^- \[`aaaaaaa`\]/gm)?.length ?? 0).toBeLessThanOrEqual(20);
});

test('what is held, kept and changed by hand is said', () => {
  const [move] = moves(1, 'v2');
  if (!move) throw new Error('no move');
  const text = body({
    moves: [],
    added: [{ kind: 'paused', service: 'ui' }],
    withheld: [
      {
        move,
        kind: 'paused',
        reason: 'service-0 is paused by @mallory: promote production with resume: service-0',
      },
    ],
    kept: ['product'],
  });
  expect(text).toBe(`### Pause ui in production

- ui is paused from now on

- stays: \`service-0 is paused by @\u200bmallory: promote production with resume: service-0\`
- left as a person set it on this branch: \`product\`; to hand it back, revert that commit or delete the branch`);
});

test('a body of any length fits, with its fence closed and the rest counted', () => {
  const many = moves(400, 'v2');
  const long = known(...Array<string>(30).fill('y'.repeat(300)));
  const comparisons = new Map(many.map(({ pin: { service } }) => [service, comparison(long)]));
  const withheld = Array(900).fill({ move: many[0], kind: 'paused', reason: 'z'.repeat(600) });
  const text = body({ moves: many, comparisons, withheld });
  expect(text.length).toBeLessThan(60_000);
  expect(text).toMatch(/\n… and \d+ more lines\n\n<details>/);
  expect(text).toMatch(/\n… and \d+ more lines\n````$/);
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
});
