/**
 * Foreign text that mentions nobody and closes nothing, also when the body becomes the message of a squashed commit, where a
 * code span protects nothing: https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
 */
export const inertCode = (text: string, longest = 100): string => {
  const plain = [...text.replace(/[\p{C}\s]+/gu, ' ').trim()];
  const cut = plain.length > longest ? `${plain.slice(0, longest - 1).join('')}…` : plain.join('');
  return code(cut.replace(/[@#]|GH-(?=\d)|:\/\//gi, found => `${found[0]}\u200b${found.slice(1)}`));
};

/** Text in a code span that ends neither early nor a table. */
export const code = (value: string): string => `\`${value.replaceAll('`', "'").replaceAll('|', '\\|')}\``;

/** Text that Markdown takes for nothing else. */
export const plain = (value: string): string => value.replace(/[\\`*_[\]()<>#@|]/g, '\\$&');
