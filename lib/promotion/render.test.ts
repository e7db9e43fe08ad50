import { expect, test } from 'vitest';
import { readPin } from './pin.ts';
import { set } from './plan.ts';
import { markdown } from './render.ts';

const moves = (count: number, revision: string) =>
  Array.from({ length: count }, (_, index) => {
    const text = 'kind: Application\nspec:\n  source:\n    targetRevision: v1 # ``` @team #1\n';
    return set(readPin(`service-${index}`, `pins/${index}.yaml`, Buffer.from(text)), { revision }).moves;
  }).flat();

const repositories = { 'service-0': 'https://github.com/acme/service-0' };

test('nothing in the body mentions anybody, and no fence closes early', () => {
  expect(
    markdown('production', 'staging', moves(1, 'v2_*_@team'), repositories),
  ).toBe(`### Promote service-0 to production: v1 → v2_*_@team

These versions run in staging. Merging this brings them to production.

| service | versions | commits |
| --- | --- | --- |
| \`service-0\` | revision \`v1\` → \`v2_*_@team\` | [v1…v2\\_\\*\\_\\@team](https://github.com/acme/service-0/compare/v1...v2_*_%40team) |

\`\`\`\`diff
@@ pins/0.yaml:4 @@
-    targetRevision: v1 # \`\`\` @team #1
+    targetRevision: "v2_*_@team" # \`\`\` @team #1
\`\`\`\``);
});

test('a body of any length fits, with its fence closed and the rest counted', () => {
  const body = markdown('production', 'staging', moves(1500, 'v2'), {});
  expect(body.length).toBeLessThan(60_000);
  expect(body).toMatch(/\n… and \d+ more lines\n\n````diff\n/);
  expect(body).toMatch(/\n… and \d+ more lines\n````$/);
});
