/** The length of the longest of many texts that stands in `text` at `at`; 0 where none does. */
export type Search = (text: string, at: number) => number;

/** What every text that is searched for has at least. */
export const leastLength = 4;

/**
 * Searches for many texts at once. The time grows with what is searched through and not with how many are searched for:
 * the first four characters tell in nearly all places that nothing begins there, and in the others the texts are sorted.
 * @param wanted each of at least four characters
 */
export function search(wanted: readonly string[]): Search {
  const sorted = [...new Set(wanted)].sort();
  // Of each, the longest other one that it begins with.
  const shorter: number[] = [];
  for (const [index, text] of sorted.entries()) {
    let other = index - 1;
    while (other >= 0 && !text.startsWith(sorted[other] ?? '')) other = shorter[other] ?? -1;
    shorter.push(other);
  }
  const beginnings = new Uint8Array(1 << 18);
  for (const text of sorted) beginnings[beginning(text, 0)] = 1;

  return (text, at) => {
    if (at + leastLength > text.length || beginnings[beginning(text, at)] === 0) return 0;
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isAfter(sorted[middle] ?? '', text, at)) high = middle;
      else low = middle + 1;
    }
    // The last one that is not after the text; if that one is not there, only one that it begins with can be.
    for (let index = low - 1; index >= 0; index = shorter[index] ?? -1) {
      const found = sorted[index] ?? '';
      if (text.startsWith(found, at)) return found.length;
    }
    return 0;
  };
}

const beginning = (text: string, at: number): number =>
  (Math.imul(text.charCodeAt(at), 0x9e3779b1) ^
    Math.imul(text.charCodeAt(at + 1), 0x85ebca6b) ^
    Math.imul(text.charCodeAt(at + 2), 0xc2b2ae35) ^
    Math.imul(text.charCodeAt(at + 3), 0x27d4eb2f)) >>>
  14;

/** Whether a text sorts behind what stands at `at`; not if it stands there itself. */
function isAfter(wanted: string, text: string, at: number): boolean {
  for (let index = 0; index < wanted.length; index++) {
    const difference = wanted.charCodeAt(index) - text.charCodeAt(at + index);
    // Beyond the end there is NaN: the text is shorter, and sorts first.
    if (difference !== 0) return !(difference < 0);
  }
  return false;
}
