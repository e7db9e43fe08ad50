import { tmpdir } from 'node:os';
import { styleText } from 'node:util';
import { type Host, run } from './child.ts';
import { type Location, place } from './errors.ts';
import { ownFolder, removeFolders } from './folder.ts';
import { context, octokit } from './github.ts';
import { graceful } from './graceful.ts';
import type { Runner } from './runner.ts';
import { masks } from './scrub.ts';
import { elapsed } from './text.ts';

type Colour = 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';

/** A runner for people: colour, and one live line for what goes on. `close` removes the folders it made. */
export function terminalRunner(
  out: NodeJS.WriteStream = process.stdout,
): Runner & { close(): Promise<void> } {
  const { add, scrub } = masks();
  const folders: string[] = [];
  const state = new Map<string, string>();
  const started = Date.now();
  let live = false;

  const colour = (name: Colour, text: string) => styleText(name, text, { stream: out });
  const clear = () => {
    if (live) out.write('\r\u001b[K');
    live = false;
  };
  const print = (line: string) => {
    clear();
    out.write(`${scrub(line)}\n`);
  };
  const tell = (name: Colour, word: string) => (message: string, at?: Location) =>
    print(`${colour(name, word)} ${at ? `${place(at)}: ` : ''}${message}`);

  const warning = tell('yellow', 'warning:');

  async function folder(): Promise<string> {
    const folder = await ownFolder(tmpdir());
    folders.push(folder);
    return folder;
  }
  const ending = graceful();
  // There is no `post` here that could look for a child: it outlives a terminal that is closed, and is waited for.
  const host: Host = { say: print, stop: ending.stop, keep() {}, folder };

  return {
    context: context(),
    info: print,
    progress(line) {
      if (!out.isTTY) return;
      const text = scrub(`${line} (${elapsed(Date.now() - started)})`);
      out.write(`\r\u001b[K${colour('dim', text.slice(0, out.columns - 1))}`);
      live = true;
    },
    notice: tell('cyan', 'note:'),
    warning,
    error: tell('red', 'error:'),
    async group(title, work) {
      print(colour('bold', title));
      const from = Date.now();
      try {
        return await work();
      } finally {
        print(colour('dim', `${title}: ${elapsed(Date.now() - from)}`));
      }
    },
    async summary() {},
    mask: secret => void add(secret),
    scrub,
    run: (command, args, options) => run(command, args, options, host),
    ...ending,
    outlived: async () => undefined,
    output(name, value) {
      if (isForPeople(value)) print(`${colour('dim', `${name}:`)} ${value}`);
    },
    save: (name, value) => void state.set(name, value),
    saved: name => state.get(name),
    octokit,
    folder,
    async close() {
      clear();
      await removeFolders(folders, warning);
    },
  };
}

/** What other steps of a workflow read, long texts and JSON, has been printed as people read it. */
const isForPeople = (output: string): boolean =>
  output !== '' && output.length <= 200 && !output.includes('\n') && !/^[[{]/.test(output);
