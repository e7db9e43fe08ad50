import { heard } from '../../sandbox/internet.ts';
import { openSandbox } from '../../sandbox/sandbox.ts';
import { type BuildEvent, build, sentence } from '../../sandbox/tools/build.ts';
import { sandboxTools } from '../../sandbox/tools/parts.ts';
import { howToLookAround } from './around.ts';
import { diskFull, isFull } from './disk.ts';
import { fullStory } from './full-story.ts';
import { environments, story } from './story.ts';
import { timeline } from './timeline.ts';

/**
 * Opens a sandbox, tells the story in it, and leaves nothing of it.
 * @throws what `stop` is aborted with, and a UserError for a disk that has become full
 */
export async function play({
  keep,
  full,
  stop,
}: {
  keep: boolean;
  full: boolean;
  stop: AbortSignal;
}): Promise<void> {
  const line = timeline();
  const say = (event: BuildEvent) => line.aside(sentence(event));
  const failed = new AbortController();
  if (full) heard(say).catch(error => failed.abort(error));
  else build(sandboxTools, say).catch(() => {}); // whoever needs the tool hears of it
  const sandbox = await orStopped(
    openSandbox({ full, ahead: environments.length }),
    AbortSignal.any([stop, failed.signal]),
  );
  const broken = AbortSignal.any([stop, sandbox.run.broken, failed.signal]);
  try {
    const tell = full ? fullStory : story;
    await orStopped(tell(sandbox, line, { teardown: !keep }), broken);
    if (!keep) return;
    process.stdout.write(`\n${await howToLookAround(sandbox)}\n`);
    await orStopped(new Promise(() => {}), broken).catch(error => {
      if (!stop.aborted) throw error;
    });
  } catch (error) {
    // Whoever meets it first tells it in its own words, if at all: Node, etcd, PostgreSQL, Terraform.
    throw !stop.aborted && (await isFull(sandbox.run.folder)) ? diskFull() : error;
  } finally {
    await sandbox.close();
  }
}

/** The work's result, unless somebody stops the demo or what it runs on breaks. */
function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
    work.then(resolve, reject);
  });
}
