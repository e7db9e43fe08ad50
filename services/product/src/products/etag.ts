import { Problem } from '../server/problem.ts';

/**
 * `"<version>-<stock>"`: another when anything that is shown has changed. https://www.rfc-editor.org/rfc/rfc9110#section-8.8
 */
export const etag = ({ version, stock }: { version: number; stock: number }): string =>
  `"${version}-${stock}"`;

/** Whether If-None-Match names it: then the client has it already. The comparison is the weak one. */
export function isKnown(header: string | undefined, current: string): boolean {
  if (!header) return false;
  return header.trim() === '*' || tags(header).some(tag => tag.replace(/^W\//, '') === current);
}

/**
 * The versions that If-Match allows to be changed, or nothing when any is. Of a tag only the version counts: a sale
 * meanwhile is no conflict, since nobody writes the stock this way.
 * @throws {Problem} 428 without the header
 */
export function allowedVersions(header: string | undefined): number[] | undefined {
  if (header === undefined)
    throw new Problem(428, 'if-match-missing', 'Say in If-Match which version is to be changed: its ETag.');
  if (header.trim() === '*') return undefined;
  return tags(header).flatMap(tag => {
    const version = Number(/^"(\d{1,9})-\d+"$/.exec(tag)?.[1]);
    return Number.isInteger(version) ? [version] : [];
  });
}

const tags = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];
