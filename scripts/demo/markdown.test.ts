import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { inTerminal } from './markdown.ts';

const plain = (markdown: string) => stripVTControlCharacters(inTerminal(markdown, 80));

test('hidden data and tags do not show, text and code do', () => {
  expect(plain('<!-- marker -->\n**staging**: <b>2</b> to create\n\n```diff\n+ a\n```\n')).toBe(
    'staging: 2 to create\n\n  + a',
  );
});

test('a short fold is open, a long one shows how it begins and how much is left', () => {
  const details = (lines: number) =>
    `<details><summary>Changes</summary>\n\n\`\`\`diff\n${Array.from({ length: lines }, (_, line) => `+ ${line}`).join('\n')}\n\`\`\`\n\n</details>`;
  expect(plain(details(3))).toBe('▾ Changes\n\n  + 0\n  + 1\n  + 2');
  expect(plain(details(30))).toMatch(/^▸ Changes\n\n {2}\+ 0\n[\s\S]*\+ 7\n\n\s*… and 22 lines more$/);
});

test('a fold that holds folds is its title, and what follows it is shown', () => {
  const inner = '<details open><summary>Changes (1)</summary>\n\n```diff\n+ one\n```\n\n</details>';
  const outer = `<details><summary>The plan</summary>\n\n### staging\n\n${inner}\n\n${inner}\n\n</details>`;
  const shown = plain(`### done\n\n${outer}\n\nafter\n\n${inner}\n\nend`);
  expect(shown).toMatch(/done\s+▸ The plan\s+after\s+▾ Changes \(1\)\s+\+ one\s+end$/);
});
