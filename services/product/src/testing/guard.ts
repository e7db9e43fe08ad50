import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { unprivileged } from './postgres.ts';

/*
 * node guard.ts FOLDER COMMAND ARGUMENT…
 *
 * Runs a server until its own standard input ends, then kills it and removes the folder. The input ends when the tests
 * close it, and also when they are killed, so nothing is left behind either way.
 */
const [folder = '', command = '', ...args] = process.argv.slice(2);
const server = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...unprivileged() });
server.once('exit', code => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code ?? 0);
});
process.stdin.resume().once('end', () => server.kill('SIGQUIT'));
