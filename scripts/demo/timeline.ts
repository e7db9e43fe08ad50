import { stripVTControlCharacters, styleText } from 'node:util';
import { elapsed } from '../../lib/runner/text.ts';

/** What a person watches: chapters, steps that show their time while they run, and what each brought. */
export interface Timeline {
  chapter(title: string): void;
  /** Runs work under a live line; `say` shows what it does at the moment. */
  step<T>(title: string, work: (say: (line: string) => void) => Promise<T>): Promise<T>;
  /** Text below the last step, indented. */
  show(text: string): void;
  /** A line about what goes on beside the steps: the live line steps aside for it. */
  aside(line: string): void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
// Without a terminal there is no live line; a sign of life now and then keeps a log from looking hung.
const heartbeat = 15_000;

export function timeline(out: NodeJS.WriteStream = process.stdout): Timeline {
  const started = Date.now();
  let live: (() => string) | undefined;
  let tick: NodeJS.Timeout | undefined;

  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream: out });
  const clock = () => {
    const seconds = Math.floor((Date.now() - started) / 1000);
    return style(
      'dim',
      `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`,
    );
  };
  const erase = () => {
    if (live && out.isTTY) out.write('\r\u001b[K');
  };
  const draw = () => {
    if (live && out.isTTY) out.write(`\r\u001b[K${cut(live(), out.columns)}`);
  };
  const print = (line: string) => {
    erase();
    out.write(`${line}\n`);
    draw();
  };

  return {
    chapter(title) {
      print(`\n${style('bold', title)}`);
    },
    async step(title, work) {
      const from = Date.now();
      let doing = '';
      let beats = 0;
      let said = Date.now();
      live = () =>
        `${clock()}  ${style('cyan', frames[beats++ % frames.length] ?? '')} ${title} ${style('dim', `${elapsed(Date.now() - from)}  ${doing}`)}`;
      tick = setInterval(() => {
        draw();
        if (out.isTTY || Date.now() - said < heartbeat) return;
        said = Date.now();
        out.write(`${clock()}  … ${title} ${style('dim', `${elapsed(said - from)}  ${doing}`)}\n`);
      }, 100);
      const end = (mark: string) => {
        clearInterval(tick);
        erase();
        live = undefined;
        print(`${clock()}  ${mark} ${title} ${style('dim', elapsed(Date.now() - from))}`);
      };
      try {
        const result = await work(line => {
          doing = stripVTControlCharacters(line).trim();
        });
        end(style('green', '✓'));
        return result;
      } catch (error) {
        end(style('red', '✗'));
        throw error;
      }
    },
    show(text) {
      for (const line of text.trimEnd().split('\n')) print(line ? `         ${line}` : '');
    },
    aside(line) {
      print(`${clock()}  ${style('dim', `· ${line}`)}`);
    },
  };
}

/** Shortened to one line of the terminal; colour codes take no room. */
function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  if (plain.length < columns) return line;
  return `${plain.slice(0, columns - 2)}…`;
}
