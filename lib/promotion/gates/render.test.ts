import { expect, test } from 'vitest';
import type { Judged, Result } from './gate.ts';
import { bypassedLines, gateMarkdown, waitingLines, waitingNotice } from './render.ts';
import { moveOf, repository } from './testing.ts';

const move = moveOf(
  { revision: 'v1', image: `${repository}:1` },
  { revision: 'v2', image: `${repository}:2` },
);
const result = (gate: string, more: Partial<Result> = {}): Result => ({
  ...{ service: 'ui', version: '2', gate, outcome: 'waits', why: 'not yet', ...more },
});
const judged = (...results: Result[]): Judged => {
  const reasons = results.filter(({ outcome }) => outcome === 'waits');
  const waiting = reasons.length > 0 ? [{ move, version: '2', reasons }] : [];
  return { passed: waiting.length > 0 ? [] : [move], waiting, results };
};

test('what waits is said in lines and in a sentence', () => {
  const both = judged(result('healthy', { outcome: 'passed' }), result('soak'), result('freeze'));
  expect(waitingLines(both)).toEqual(['ui 2 waits (soak): not yet', 'ui 2 waits (freeze): not yet']);
  expect(waitingNotice(both)).toBe('The one service waits: ui 2 (soak, freeze)');
  const past = judged(result('freeze', { outcome: 'bypassed', why: 'weekend; hotfix of octocat: CVE' }));
  expect(bypassedLines(past)).toEqual(['ui 2 goes past freeze: weekend; hotfix of octocat: CVE']);
  expect([waitingLines(past), waitingNotice(past)]).toEqual([[], '']);
});

test('where no gate says anything there is nothing to see', () => {
  expect(gateMarkdown(judged())).toEqual({ warning: '', table: '' });
});

test("others' words are no Markdown, mention nobody, link nothing and stay in their cell", () => {
  const why = 'a | b\n<b> *c* [d](https://evil) @team #1 GH-2 `e` www.evil.com &commat;all';
  const { warning, table } = gateMarkdown(judged(result('check', { why, service: 'u`i', version: '1|2' })));
  expect(warning).toBe('> [!WARNING]\n> Waits for gates, and is not to be merged yet: `ui` `2`');
  expect(table.split('\n').at(-1)).toBe(
    "| `u'i` | `1\\|2` | check | **waits** | a \\| b \\<b\\> \\*c\\* \\[d\\]\\(https:\u200b//evil\\) @\u200bteam #\u200b1 G\u200bH-2 \\`e\\` w\u200bww.evil.com \\&commat;all |",
  );
});

test('a pull request of one service shows the gates of that one', () => {
  const all = judged(result('soak'), result('freeze', { service: 'product' }));
  expect(gateMarkdown(all, ['product']).table).not.toContain('`ui`');
  expect(gateMarkdown(all, ['product']).warning).toBe('');
  expect(gateMarkdown(all, ['ui']).table).not.toContain('product');
  expect(gateMarkdown(all, ['ui']).warning).toContain('`ui`');
});

test('a table of any length fits, what waits comes first, and the rest is counted', () => {
  const many = Array.from({ length: 2000 }, (_, index) =>
    result('soak', { service: `service-${index}`, outcome: index % 500 === 499 ? 'waits' : 'passed' }),
  );
  const { table } = gateMarkdown(judged(...many));
  expect(table.length).toBeLessThan(11_000);
  expect(table.match(/\*\*waits\*\*/g)).toHaveLength(4);
  expect(table).toMatch(/\n\n… and \d+ more, of which 0 wait$/);
});
