import { cutMarkdown } from './cut.ts';
import { inert, lines, mark } from './marks.ts';

/** Our part of an issue's body, and what people have written around it. */
export interface IssueBody {
  before: string;
  text: string;
  /** Where and when it was found: not part of what it says. */
  seen: string;
  after: string;
}

// GitHub refuses longer bodies; a part that leaves room for people's words is cut to this.
const limit = 65_536;
const longestText = 60_000;

/** A text as it will stand in the issue. */
export const fitted = (text: string): string => {
  const clean = inert(text);
  return clean.length <= longestText
    ? clean
    : cutMarkdown(clean, longestText, '_The rest is in the summary of the run._');
};

/** Reads the part with this key out of an issue's body; undefined where there is none. */
export function parseBody(key: string, body: string): IssueBody | undefined {
  const whole = lines(body);
  const [begin, middle, end] = [mark('issue', key), mark('seen'), mark('end')].map(
    each => [each, whole.indexOf(each)] as const,
  ) as [Found, Found, Found];
  if (begin[1] < 0 || middle[1] < begin[1] || end[1] < middle[1]) return undefined;
  const between = (from: Found, to: Found) => whole.slice(from[1] + from[0].length, to[1]).trim();
  return {
    before: whole.slice(0, begin[1]),
    text: between(begin, middle),
    seen: between(middle, end),
    after: whole.slice(end[1] + end[0].length),
  };
}
type Found = readonly [string, number];

/** The whole body. Where people have written more than fits, theirs goes. */
export function renderBody(key: string, { before, text, seen, after }: IssueBody): string {
  const ours = `${mark('issue', key)}\n${fitted(text)}\n${mark('seen')}\n\n${inert(seen)}\n${mark('end')}`;
  const whole = before + ours + after;
  return whole.length <= limit ? whole : ours;
}
