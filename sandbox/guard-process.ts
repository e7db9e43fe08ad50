import { sweep } from './sweep.ts';

// The process that guard.ts starts: standard input is the owner's end of the pipe, the only argument the run folder.
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('guard-process.ts needs the run folder');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
for await (const _ of process.stdin);
await sweep(folder);
