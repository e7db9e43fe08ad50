import { expect, test } from 'vitest';
import type { Decision } from './decision.ts';
import { driftMarkdown, isSettled } from './drift.ts';
import type { Plan } from './plan.ts';

const name = { name: 'a.example.com', records: [] };
const plan = (decisions: Decision[], more: Partial<Plan> = {}): Plan => ({
  zone: 'example.com',
  decisions,
  ...more,
});

test.each<[string, Plan[], boolean]>([
  ['no zone', [], true],
  ['nothing that is wished', [plan([])], true],
  ['all as wished', [plan([{ ...name, kind: 'keep' }])], true],
  ['a name that two want, and one has', [plan([{ ...name, kind: 'keep', disputed: 'x' }])], true],
  ['a change', [plan([]), plan([{ ...name, kind: 'change', operations: [], why: 'x' }])], false],
  ['a name that is held', [plan([{ ...name, kind: 'hold', reason: 'x' }])], false],
  ['a conflict', [plan([{ ...name, kind: 'conflict', reason: 'x' }])], false],
  ['a plan that is refused', [plan([], { refusal: 'x' })], false],
  ['names that would go, and are held', [plan([], { withheld: 'x' })], false],
])('%s', (_, plans, settled) => {
  expect(isSettled(plans)).toBe(settled);
});

test('what is too long for the issue is cut, and what to do about it still stands there', () => {
  const text = driftMarkdown(
    'staging',
    `### DNS\n\n\`\`\`diff\n${'+ a.example.com  A  203.0.113.10\n'.repeat(2000)}\`\`\``,
  );
  expect(text.length).toBeLessThan(18_000);
  expect(text).toMatch(
    /\n```\n\n_The rest is in the log of the run\._\n\nA deploy of staging takes this back/,
  );
});
