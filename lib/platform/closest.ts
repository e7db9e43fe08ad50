import { distance, closest as nearest } from 'fastest-levenshtein';

/** The known word that was probably meant, or undefined when none is near: its beginning, two edits, or a
 * third of a long word. */
export function closest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const longer = known.filter(each => word.length >= 3 && each.startsWith(word));
  if (longer.length === 1) return longer[0];
  const found = nearest(word, known);
  return distance(word, found) <= Math.max(2, Math.floor(word.length / 3)) ? found : undefined;
}
