import { expect, test } from 'vitest';
import { scrubber } from '../runner/scrub.ts';
import { concluded, isOpen, withViolations } from './comment.ts';

const plan =
  '### staging: 1 to create\n\n> [!CAUTION]\n> x\n\n<details><summary>Changes</summary>\n\n```diff\n+ a\n```\n\n</details>\n\ncommit abc';
const none = scrubber([]);

test('what forbids a plan stands right below its heading, and is only text', () => {
  expect(withViolations(plan, [], none)).toBe(plan);
  const shown = withViolations(
    plan,
    ['a["@team</details>`"] is secretive', 'b is protected'],
    scrubber(['secretive']),
  );
  expect(shown).toBe(`### staging: 1 to create

> [!CAUTION]
> **This must not be applied: it breaks 2 rules.**
>
> - \`\` a["@team</details>\`"] is *** \`\`
> - \`b is protected\`

${plan.split('\n\n').slice(1).join('\n\n')}`);
});

test('many broken rules are counted', () => {
  const shown = withViolations(
    plan,
    Array.from({ length: 50 }, (_, index) => `${index}`),
    none,
  );
  expect(shown).toContain('it breaks 50 rules');
  expect(shown).toContain('> - `19`\n> - and 30 more\n\n> [!CAUTION]');
});

test('after the merge the plan is folded under what was done, however often it is applied', () => {
  const once = concluded(plan, 'staging: 1 created', '[applied](https://x)');
  expect(once).toBe(
    `### staging: 1 created\n\n[applied](https://x)\n\n<details><summary>The plan that was reviewed</summary>\n\n${plan}\n\n</details>`,
  );
  expect(concluded(once, 'staging: the apply failed', 'again')).toBe(
    once.replace('staging: 1 created', 'staging: the apply failed').replace('[applied](https://x)', 'again'),
  );
});

test.each([
  [true, '### staging: 2 to create, 0 to update, 0 to replace, 0 to destroy'],
  [true, concluded(plan, 'staging: the apply failed, see the run', 'x')],
  [true, concluded(plan, 'staging: the apply was stopped, see the run', 'x')],
  [true, concluded(plan, 'staging: not applied, see the run', 'x')],
  [false, concluded(plan, 'staging: 2 created, 0 updated, 0 replaced, 0 destroyed', 'x')],
  [false, concluded(plan, 'staging: nothing is left to do', 'x')],
  [false, '### staging: no changes'],
  [false, '### staging: the plan failed'],
])('whether a section waits for what becomes of it: %s for %s', (open, body) => {
  expect(isOpen(body)).toBe(open);
});
