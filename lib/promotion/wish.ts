import { closest } from '../platform/closest.ts';
import type { Target } from '../platform/platform.ts';
import { UserError, UserErrors } from '../runner/errors.ts';
import { tryAll } from './editor/source.ts';
import { parseReference, type Reference, sameRepository } from './reference.ts';
import { checkRevision } from './revision.ts';

/** What somebody asks for, as it is given. */
export interface Wanted {
  service?: string | undefined;
  image?: string | undefined;
  revision?: string | undefined;
  /** A commit of the platform's repository. */
  rollback?: string | undefined;
  /** A service each. */
  pause?: string | undefined;
  resume?: string | undefined;
  release?: string | undefined;
  reason?: string | undefined;
}

/** What somebody asks for, understood. */
export type Wish =
  | { kind: 'announce'; service: string; image?: Reference | undefined; revision?: string | undefined }
  | { kind: 'take-over'; from: string; service?: string | undefined }
  | { kind: 'rollback'; commit: string; service?: string | undefined; reason?: string | undefined }
  | { kind: 'pause' | 'resume' | 'release'; service: string; reason?: string | undefined };

const byHand = ['rollback', 'pause', 'resume', 'release'] as const;

/** Reads out of platform.yaml and the inputs what shall be done. @throws UserErrors for all that does not fit together */
export function readWish({ platform, settings, environment }: Target, wanted: Wanted): Wish {
  const { service, image, revision, rollback, reason } = wanted;
  const errors: UserError[] = [];
  const wrong = (message: string) => void errors.push(new UserError(message));

  const known = Object.keys(platform.services);
  for (const name of [service, wanted.pause, wanted.resume, wanted.release]) {
    if (name === undefined || known.includes(name)) continue;
    const hint = closest(name, known);
    wrong(
      `There is no service "${name}": ${hint ? `did you mean "${hint}"?` : `it must be one of ${known.join(', ')}`}`,
    );
  }
  const [kind, ...more] = byHand.filter(name => wanted[name] !== undefined);
  if (more.length > 0) {
    wrong(`The inputs ${[kind, ...more].join(', ')} do not go together: give one of them a run`);
  }
  const strays = (['image', 'revision'] as const).filter(name => wanted[name] !== undefined);
  if (kind && strays.length > 0) {
    wrong(`The inputs ${[kind, ...strays].join(' and ')} do not go together: leave one of them out`);
  }
  if (kind && kind !== 'rollback' && service !== undefined) {
    wrong(`The input ${kind} names its service itself: leave out service`);
  }
  if (reason !== undefined && kind !== 'rollback' && kind !== 'pause') {
    wrong('The input reason says why a rollback or a pause is made: leave it out, or give rollback or pause');
  }
  if (reason !== undefined && !/^[^\p{C}\u2028\u2029]{1,300}$/u.test(reason)) {
    wrong('The input reason must be one line of at most 300 characters: shorten it');
  }
  if (kind === 'pause' && reason === undefined) {
    wrong('A pause holds back what others do: say why with the input reason');
  }
  if (rollback !== undefined && !/^[0-9a-f]{7,40}$/.test(rollback)) {
    wrong(
      `"${rollback}" is no commit: give 7 to 40 digits of one, as promote history shows them (npm run slipway -- history ${environment})`,
    );
  }
  if (kind) {
    refuse(errors);
    return kind === 'rollback'
      ? { kind, commit: rollback ?? '', service, reason }
      : { kind, service: wanted[kind] ?? '', reason };
  }

  const from = settings.promote?.from;
  if (from !== undefined) {
    if (strays.length > 0) {
      wrong(
        `${environment} takes its versions from ${from}: leave out image and revision, or give them to the environment that comes first`,
      );
    }
    refuse(errors);
    return { kind: 'take-over', from, service };
  }
  if (service === undefined || strays.length === 0) {
    wrong(
      `${environment} is the first environment, so nothing comes to it by itself: give the inputs service, image and revision`,
    );
  }
  const { results: images, errors: badImage } = tryAll(
    image !== undefined && known.includes(service ?? '') ? [image] : [],
    each => reference(platform, service ?? '', each),
  );
  const { results: revisions, errors: badRevision } = tryAll(
    revision === undefined ? [] : [revision],
    checkRevision,
  );
  errors.push(...badImage, ...badRevision);
  refuse(errors);
  return { kind: 'announce', service: service ?? '', image: images[0], revision: revisions[0] };
}

function refuse(errors: readonly UserError[]): void {
  const [first, ...others] = errors;
  if (first) throw others.length > 0 ? new UserErrors(errors) : first;
}

// What arrives here may come from another repository: it names an image of this service, and a version that stands still.
function reference({ services }: Target['platform'], service: string, image: string): Reference {
  const expected = services[service]?.image ?? '';
  const found = parseReference(image);
  if (!found || (found.tag === undefined && found.digest === undefined) || found.tag === 'latest') {
    throw new UserError(
      `"${image}" names no version: write ${expected}:TAG, ${expected}@sha256:… or both, not "latest"`,
    );
  }
  if (sameRepository(found.repository, expected)) return found;
  throw new UserError(`"${image}" is not an image of ${service}: by platform.yaml that is ${expected}`);
}
