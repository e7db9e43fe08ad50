import { randomUUID } from 'node:crypto';

/**
 * JSON as values, with the digits of integers that a number cannot hold (beyond 2^53) kept as a bigint.
 *
 * A reviver would do the same, and take ten times as long over the whole text for one such number. Here the few are
 * marked in the text, and only a text that has any is walked again.
 */
export function parseJson(text: string): unknown {
  if (!hasLongRun(text)) return JSON.parse(text);
  const mark = randomUUID();
  const marked = markIntegers(text, mark);
  const value: unknown = JSON.parse(marked);
  return marked === text ? value : restored(value, mark);
}

/** Whether there are sixteen digits in a row: at most places one look at the last of sixteen says that there are not. */
function hasLongRun(text: string): boolean {
  for (let last = 15, at = 15; last < text.length; last = at + 16, at = last) {
    while (at > last - 16 && isDigit(text.charCodeAt(at))) at--;
    if (at === last - 16) return true;
  }
  return false;
}

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;

/** How many lists and maps of a JSON text lie in each other, at most. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  let at = start;
  do at = text.indexOf('"', at + 1);
  while (at >= 0 && isEscaped(text, at));
  return at < 0 ? text.length : at;
}

/** What is deeper is no work of people's, and would overflow the stack of whoever walks through it. */
export const deepest = 500;

/** The text with each integer beyond 2^53 as a string that begins with the mark. */
function markIntegers(text: string, mark: string): string {
  const pieces: string[] = [];
  let copied = 0;
  let inString = false;
  let quote = text.indexOf('"');
  for (const { 0: match, 1: digits = '', index } of text.matchAll(/[[:,]\s*(-?\d{16,})(?=\s*[,\]}])/g)) {
    if (Number.isSafeInteger(Number(digits))) continue;
    const start = index + match.length - digits.length;
    for (; quote >= 0 && quote < start; quote = text.indexOf('"', quote + 1)) {
      if (!inString || !isEscaped(text, quote)) inString = !inString;
    }
    if (inString) continue;
    pieces.push(text.slice(copied, start), `"${mark}${digits}"`);
    copied = start + digits.length;
  }
  return copied === 0 ? text : pieces.join('') + text.slice(copied);
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first--;
  return (at - first) % 2 === 1;
}

function restored(value: unknown, mark: string): unknown {
  if (typeof value === 'string') return value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value;
  if (typeof value === 'object' && value !== null) {
    const container = value as Record<string, unknown>;
    for (const key in container) {
      const part = container[key];
      if (typeof part === 'string' || typeof part === 'object') container[key] = restored(part, mark);
    }
  }
  return value;
}
