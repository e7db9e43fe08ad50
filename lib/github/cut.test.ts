import fc from 'fast-check';
import { marked, type Tokens } from 'marked';
import { expect, test } from 'vitest';
import { cutMarkdown } from './cut.ts';

const note = '_The rest is elsewhere._';

/** Texts as our renderers make them: paragraphs, folds, and fences of any length that hold anything but their own end. */
const line = fc.stringMatching(/^[-+!# a-z<>/`~*]{0,30}$/);
const fence = fc
  .tuple(fc.integer({ min: 3, max: 5 }), fc.array(line, { maxLength: 8 }))
  .map(([length, body]) => {
    const ticks = '`'.repeat(length);
    return `${ticks}diff\n${body.map(each => `+ ${each}`).join('\n')}\n${ticks}`;
  });
const paragraph = fc.stringMatching(/^[a-z][a-z ]{0,80}[a-z]$/);
const fold = fc
  .array(fc.oneof(fence, paragraph), { minLength: 1, maxLength: 3 })
  .map(parts => `<details><summary>Changes</summary>\n\n${parts.join('\n\n')}\n\n</details>`);
const markdown = fc
  .tuple(paragraph, fc.array(fc.oneof(fold, fence, paragraph), { maxLength: 6 }))
  .map(([title, parts]) => [`### ${title}`, ...parts].join('\n\n'));

/** Nothing swallows what follows, and every fold is closed. */
function expectClosed(text: string): void {
  const tokens = marked.lexer(`${text}\n\nwhat follows`);
  expect(tokens.at(-1)).toMatchObject({ type: 'paragraph', text: 'what follows' });
  const html = tokens.filter((token): token is Tokens.HTML => token.type === 'html').map(({ raw }) => raw);
  const count = (tag: string) => html.join('').split(tag).length - 1;
  expect(count('<details>')).toBe(count('</details>'));
}

test('a cut text fits, ends with the note, and leaves nothing open', () => {
  fc.assert(
    fc.property(markdown, fc.integer({ min: 60, max: 400 }), (text, room) => {
      const cut = cutMarkdown(text, room, note);
      expect(cut.length).toBeLessThanOrEqual(room);
      expect(cut).toMatch(/_The rest is elsewhere\._$/);
      expectClosed(cut);
    }),
  );
});

test('cut twice is as cut once', () => {
  fc.assert(
    fc.property(
      markdown,
      fc.integer({ min: 60, max: 400 }),
      fc.integer({ min: 60, max: 400 }),
      (text, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const once = cutMarkdown(text, more, note);
        if (once.length > less) expect(cutMarkdown(once, less, note)).toBe(cutMarkdown(text, less, note));
      },
    ),
  );
});

test.each([
  [
    'a fence within a fold',
    '### a\n\n<details><summary>x</summary>\n\n````diff\n+ ```\n+ b\n+ c\n````\n\n</details>',
    96,
    '### a\n\n<details><summary>x</summary>\n\n````diff\n+ ```\n````\n\n</details>',
  ],
  ['one long line', `### ${'x'.repeat(500)}`, 40, '### xxxxxxxxxx'],
  ['what is left out is not half a character', `#### ${'😀'.repeat(500)}`, 40, '#### 😀😀😀😀'],
])('%s', (_, text, room, kept) => {
  expect(cutMarkdown(text, room, note)).toBe(`${kept}\n\n${note}`);
});
