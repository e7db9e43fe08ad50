import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Demo {
  process: ChildProcess;
  /** All that it has printed so far. */
  output(): string;
  /** Resolves when the output matches; rejects when the demo ends first. */
  printed(pattern: RegExp): Promise<void>;
  ended: Promise<number>;
}

/** Starts the demo as npm does, in a TMPDIR of its own: whatever stays behind, stays there. */
export function startDemo(options: {
  env: NodeJS.ProcessEnv;
  args?: string[];
  checkout?: string;
  command?: string[];
}): Demo {
  const { env, args = [], checkout = root, command = [] } = options;
  const [executable = '', ...rest] = [
    ...command,
    process.execPath,
    join(checkout, 'scripts/demo.ts'),
    ...args,
  ];
  const child = spawn(executable, rest, { env, cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const collect = (chunk: Buffer) => {
    text += chunk;
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'close').then(
    ([code, signal]) => (code as number | null) ?? (signal === 'SIGKILL' ? 137 : 128),
  );
  return {
    process: child,
    output: () => text,
    ended,
    printed: pattern =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(text)) return;
          child.stdout.off('data', look);
          resolve();
        };
        child.stdout.on('data', look);
        ended.then(code =>
          reject(new Error(`the demo ended (${code}) before it printed ${pattern}:\n${text}`)),
        );
        look();
      }),
  };
}

/** The processes whose environment or arguments name a folder. Linux only. */
export function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .flatMap(pid => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
        return environment.includes(folder) || command.includes(folder) ? [`${pid} ${command}`] : [];
      } catch {
        return []; // ended meanwhile, or somebody else's
      }
    });
}
