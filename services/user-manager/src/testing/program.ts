import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Program {
  child: ChildProcess;
  /** What it printed so far. */
  output: () => string;
  /** Its exit code, when it has ended. */
  ended: Promise<number | null>;
}

/** Starts one of the service's programs as its image does: with an environment that has nothing else in it. */
export function start(file: string, env: Record<string, string>): Program {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', file)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk));
  return { child, output: () => output, ended: once(child, 'close').then(([code]) => code) };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
