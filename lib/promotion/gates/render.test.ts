import { expect, test } from 'vitest';
import type { Judged, Result } from './gate.ts';
import { bypassedLines, gateMarkdown, gateTable, heldJson, heldLines, heldNotice } from './render.ts';
import { moveOf, repository } from './testing.ts';

const move = moveOf(
  { revision: 'v1', image: `${repository}:1` },
  { revision: 'v2', image: `${repository}:2` },
);
const result = (gate: string, more: Partial<Result> = {}): Result => ({
  ...{ service: 'ui', version: '2', gate, outcome: 'held', why: 'not yet', ...more },
});
const judged = (...results: Result[]): Judged => {
  const reasons = results.filter(({ outcome }) => outcome === 'held');
  const held = reasons.length > 0 ? [{ move, version: '2', reasons }] : [];
  return { passed: held.length > 0 ? [] : [move], held, results };
};

test('what is held is said in lines, in a sentence, and to programs', () => {
  const until = new Date('2026-11-27T12:30:00Z');
  const soak = result('soak', { until });
  const both = judged(
    result('healthy', { outcome: 'passed' }),
    soak,
    result('freeze', { until: new Date(0) }),
  );
  expect(heldLines(both)).toEqual(['ui 2 is held by soak: not yet', 'ui 2 is held by freeze: not yet']);
  expect(heldNotice(both)).toBe('The one service is held: ui 2 (soak, freeze)');
  expect(JSON.parse(heldJson(both))).toEqual([
    {
      ...{ service: 'ui', version: '2', until: '2026-11-27T12:30:00.000Z' },
      reasons: [
        { gate: 'soak', why: 'not yet', until: '2026-11-27T12:30:00.000Z' },
        { gate: 'freeze', why: 'not yet', until: '1970-01-01T00:00:00.000Z' },
      ],
    },
  ]);
  // Time alone does not let it pass.
  expect(JSON.parse(heldJson(judged(soak, result('tags'))))[0]).not.toHaveProperty('until');
  const past = judged(result('freeze', { outcome: 'bypassed', why: 'weekend; hotfix of octocat: CVE' }));
  expect(bypassedLines(past)).toEqual(['ui 2 goes past freeze: weekend; hotfix of octocat: CVE']);
  expect([heldLines(past), heldNotice(past), heldJson(past)]).toEqual([[], '', '[]']);
});

test('where no gate says anything there is nothing to see', () => {
  expect([gateTable(judged()), gateMarkdown(judged())]).toEqual(['', []]);
});

test("others' words are no Markdown, mention nobody, link nothing and stay in their cell", () => {
  const why = 'a | b\n<b> *c* [d](https://evil) @team #1 GH-2 `e` www.evil.com';
  const [warning, table] = gateMarkdown(judged(result('check', { why, service: 'u`i', version: '1|2' })));
  expect(warning).toBe('> [!WARNING]\n> Held by gates, and not to be merged yet: `ui` `2`');
  expect(table?.split('\n').at(-1)).toBe(
    "| `u'i` | `1\\|2` | check | **held** | a \\| b \\<b\\> \\*c\\* \\[d\\]\\(https://\u200bevil\\) @\u200bteam #\u200b1 GH-\u200b2 \\`e\\` www.\u200bevil.com |",
  );
});

test('a table of any length fits, what holds comes first, and the rest is counted', () => {
  const many = Array.from({ length: 2000 }, (_, index) =>
    result('soak', { service: `service-${index}`, outcome: index % 500 === 499 ? 'held' : 'passed' }),
  );
  const table = gateTable(judged(...many));
  expect(table.length).toBeLessThan(11_000);
  expect(table.match(/\*\*held\*\*/g)).toHaveLength(4);
  expect(table).toMatch(/\n\n… and \d+ more, of which 0 hold$/);
});
