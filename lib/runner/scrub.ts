import { search } from './search.ts';
import { encodings } from './text.ts';

export type Scrub = (text: string) => string;

/** Replaces the secrets, in every shape in which they may stand in a text. */
export function scrubber(secrets: Iterable<string>): Scrub {
  const shapes = [...secrets].flatMap(encodings);
  if (shapes.length === 0) return text => text;
  const found = search(shapes);
  return text => {
    let clean = '';
    let copied = 0;
    for (let at = 0; at < text.length; at++) {
      const length = found(text, at);
      if (length === 0) continue;
      let end = at + length;
      // Another one may begin in this one: half of a secret is still one.
      for (let inside = at + 1; inside < end; inside++) end = Math.max(end, inside + found(text, inside));
      clean += `${text.slice(copied, at)}***`;
      copied = end;
      at = end - 1;
    }
    return copied === 0 ? text : clean + text.slice(copied);
  };
}

/** The secrets of a run, of which more come to be known while it goes on. */
export function masks(): { add(secret: string): readonly string[]; scrub: Scrub } {
  const secrets = new Set<string>();
  let current: Scrub | undefined;
  return {
    /** Returns the shapes of a secret that is new. */
    add(secret) {
      if (secrets.has(secret)) return [];
      secrets.add(secret);
      current = undefined;
      return encodings(secret);
    },
    scrub(text) {
      current ??= scrubber(secrets);
      return current(text);
    },
  };
}
