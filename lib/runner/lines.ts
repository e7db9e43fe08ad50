import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

export interface Splitter {
  take(chunk: Buffer): void;
  /** Hands on what the last line lacks its end of. */
  end(): void;
}

/** Makes whole lines of pieces that end anywhere, also in the middle of a character. */
export function splitter(onLine: (line: string) => void): Splitter {
  const decoder = new StringDecoder('utf8');
  // In pieces: a plan of 50 MB is one line, and adding to a text is scanning it.
  let rest: string[] = [];
  return {
    take(chunk) {
      const text = decoder.write(chunk);
      if (!text.includes('\n')) {
        rest.push(text);
        return;
      }
      const whole = (rest.join('') + text).split('\n');
      rest = [whole.pop() ?? ''];
      for (const line of whole) onLine(line.replace(/\r$/, ''));
    },
    end() {
      const last = rest.join('') + decoder.end();
      if (last) onLine(last);
    },
  };
}

/** How often a file is looked at that somebody writes to, in milliseconds. */
const interval = 100;

/**
 * Hands on the lines of a file as they are written to it, and notes beside it how far it has come: whoever goes on with
 * this after us begins there.
 * @returns ends the following, after all that stands there by then, and returns the whole text
 */
export function follow(file: string, onLine: (line: string) => void): () => string {
  const descriptor = openSync(file, 'r');
  const buffer = Buffer.alloc(64 * 1024);
  const lines = splitter(onLine);
  let told = toldOf(file);
  let offset = told;

  function look(): void {
    const before = told;
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, offset);
      if (length === 0) break;
      const chunk = buffer.subarray(0, length);
      lines.take(chunk);
      if (chunk.includes('\n')) told = offset + chunk.lastIndexOf('\n') + 1;
      offset += length;
    }
    if (told > before) writeFileSync(`${file}.told`, String(told));
  }

  const timer = setInterval(look, interval);
  return () => {
    clearInterval(timer);
    look();
    lines.end();
    closeSync(descriptor);
    return readFileSync(file, 'utf8');
  };
}

function toldOf(file: string): number {
  try {
    return Number(readFileSync(`${file}.told`, 'utf8'));
  } catch {
    return 0;
  }
}
