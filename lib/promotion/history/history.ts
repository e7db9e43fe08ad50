import { dirname } from 'node:path';
import { serviceNamed, target } from '../../platform/platform.ts';
import type { Runner } from '../../runner/runner.ts';
import { type Pin, pinFolder, pinPath, readPin } from '../pin.ts';
import { short } from '../plan.ts';
import { version } from '../reference.ts';
import { readTrailers } from '../trailers.ts';
import { type ChangedFile, type LogCommit, openCheckout, readBlobs, readLog, readMerges } from './log.ts';

/** One service that came to another version, by one change of the branch. */
export interface Line {
  /** ISO 8601, with the zone of whoever committed it. */
  when: string;
  service: string;
  /** The version as people say it; null for a pin that was not there. */
  from: string | null;
  to: string | null;
  by: string;
  /** The pull request whose merge it is, as far as its message says. */
  pullRequest: number | null;
  /** The run that wrote it. */
  run: string | null;
  commit: string;
}

export interface HistoryRequest {
  environment: string;
  platformFile: string;
  service?: string | undefined;
}

/**
 * What an environment has run, the newest first, from the git history of the checkout alone: what changed on the branch
 * itself, so that a merge is one change, whatever it was made of. Files are followed through renames.
 */
export async function history(runner: Runner, request: HistoryRequest): Promise<Line[]> {
  const { environment, platformFile, service } = request;
  const { platform } = await target(platformFile, environment);
  const services = Object.keys(platform.services);
  if (service !== undefined) serviceNamed(platform, service);
  const git = await openCheckout(runner, dirname(platformFile));
  const above = dirname(pinFolder(environment));
  const [mainline, all, broughtBy] = await Promise.all([
    readLog(git, above, 'mainline'),
    readLog(git, above, 'all'),
    readMerges(git),
  ]);
  const prefix = (await git(['rev-parse', '--show-prefix'])).trim();
  const wanted = service === undefined ? services : [service];
  const steps = follow(
    mainline,
    new Map(wanted.map(name => [`${prefix}${pinPath(environment, name)}`, name])),
  );
  const texts = await readBlobs(
    git,
    steps.flatMap(({ file: { before, after } }) => [before?.blob ?? [], after?.blob ?? []].flat()),
  );
  // A merge says who approved; who asked, the commit that it brought. The same file may have come by another hand before.
  const origins = new Map(
    all.flatMap(commit =>
      commit.files.map(({ after }) => [origin(broughtBy.get(commit.sha), after), commit] as const),
    ),
  );
  return steps.flatMap(step => {
    const read = (end: ChangedFile['before']) => end && versionOf(step.service, texts.get(end.blob) ?? '');
    const [from, to] = [read(step.file.before), read(step.file.after)];
    if (from?.key === to?.key) return [];
    return [line(step, origins.get(origin(step.commit.sha, step.file.after)), difference(from, to))];
  });
}

const origin = (merge: string | undefined, after: ChangedFile['after']): string =>
  `${merge} ${after?.path} ${after?.blob}`;

interface Step {
  commit: LogCommit;
  service: string;
  file: ChangedFile;
}

/** From the newest commit back: what a file was called before is what is looked for in older ones. */
function follow(commits: readonly LogCommit[], paths: Map<string, string>): Step[] {
  return commits.flatMap(commit => {
    const found = commit.files.flatMap((file): Step[] => {
      const service = paths.get(file.after?.path ?? file.before?.path ?? '');
      return service === undefined ? [] : [{ commit, service, file }];
    });
    for (const { service, file } of found) {
      if (!file.before || !file.after || file.before.path === file.after.path) continue;
      paths.delete(file.after.path);
      paths.set(file.before.path, service);
    }
    return found.sort((a, b) => (a.service < b.service ? -1 : 1));
  });
}

interface Version {
  /** What tells it from any other. */
  key: string;
  revision: string;
  image: string;
}

/** What could not be read at the time is told as that, and breaks no history. */
function versionOf(service: string, text: string): Version {
  let pin: Pin;
  try {
    pin = readPin(service, `${service}.yaml`, Buffer.from(text));
  } catch {
    return { key: text, revision: 'unreadable', image: 'unreadable' };
  }
  return {
    key: JSON.stringify([pin.revision.text, ...pin.images.map(image => image.text)]),
    revision: short(pin.revision.text),
    image: pin.images.map(({ reference }) => version(reference)).join(', '),
  };
}

/** The revision, and where that is the same the image. */
function difference(from: Version | undefined, to: Version | undefined): Pick<Line, 'from' | 'to'> {
  const what = from && to && from.revision === to.revision && from.image !== to.image ? 'image' : 'revision';
  return { from: from?.[what] ?? null, to: to?.[what] ?? null };
}

function line(
  { commit, service }: Step,
  brought: LogCommit | undefined,
  versions: Pick<Line, 'from' | 'to'>,
): Line {
  const { message, author, sha, at } = commit;
  const [headline = ''] = message.split('\n');
  const merged = /^Merge pull request #(\d+) from /.exec(headline)?.[1];
  const number = merged ?? /\(#(\d+)\)$/.exec(headline)?.[1];
  const own = readTrailers(message);
  const trailers = own.run || own.by ? own : readTrailers(brought?.message ?? '');
  return {
    ...{ when: at, service, ...versions },
    // Whoever merged is who approved. A commit of a workflow's own was asked for by somebody.
    by: (merged ? undefined : trailers.by?.replace(/ \(.*\)$/, '')) ?? author,
    pullRequest: number === undefined ? null : Number(number),
    run: trailers.run ?? null,
    commit: sha,
  };
}
