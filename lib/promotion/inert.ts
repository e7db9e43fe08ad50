/*
 * Foreign text in what GitHub reads. It finds mentions, issues and links in the text as it is shown, so that neither a
 * backslash nor a code span keeps it from that, least of all where a body becomes the message of a squashed commit:
 * https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
 */

/** One line that mentions nobody, closes nothing and links nowhere: for titles and messages of commits. Twice is as once. */
export function inert(text: string, longest = 400): string {
  const line = [
    ...text
      .replaceAll('\u200b', '')
      .replace(/[\p{C}\s]+/gu, ' ')
      .trim(),
  ];
  const cut = line.length > longest ? `${line.slice(0, longest - 1).join('')}…` : line.join('');
  return cut.replace(/[@#]|:\/\/|www\.|GH-(?=\d)/gi, found => `${found[0]}\u200b${found.slice(1)}`);
}

/** The same in Markdown, which it ends nowhere and takes part in nowhere, a table's cell included. */
export const plain = (text: string, longest?: number): string =>
  inert(text, longest).replace(/[\\`*_[\]()<>~|&]/g, '\\$&');

/** The same in a code span. */
export const inertCode = (text: string, longest = 100): string => code(inert(text, longest));

/** Text in a code span that ends neither early nor a table. */
export const code = (value: string): string => `\`${value.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
