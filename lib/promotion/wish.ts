import { type PlatformFile, serviceNamed, type Target } from '../platform/platform.ts';
import { attempt, throwAll, UserError } from '../runner/errors.ts';
import { unaskable } from './gates/askable.ts';
import { byHand, strays } from './inputs.ts';
import { parseReference, type Reference, sameRepository } from './reference.ts';
import type { PromoteRequest } from './request.ts';
import { checkRevision } from './revision.ts';

/** What somebody asks for, understood. */
export type Wish =
  | { kind: 'announce'; service: string; image?: Reference | undefined; revision?: string | undefined }
  | { kind: 'take-over'; from: string; service?: string | undefined }
  | { kind: 'rollback'; commit: string; service?: string | undefined; reason?: string | undefined }
  | { kind: 'pause' | 'resume' | 'release'; service: string; reason?: string | undefined };

/**
 * Reads out of platform.yaml and the inputs what shall be done.
 * @throws UserErrors for all that does not fit together, and for what gates lack before they can be asked
 */
export function readWish(where: Target, request: PromoteRequest): Wish {
  const errors = [request.service, request.pause, request.resume, request.release].flatMap(name =>
    name === undefined ? [] : attempt(() => serviceNamed(where.platform, name)).errors,
  );
  const wish = byHand.some(name => request[name] !== undefined)
    ? readByHand(where, request, errors)
    : readPromotion(where, request, errors);
  throwAll(errors);
  return wish;
}

/** A rollback, a pause, a resume, a release. */
function readByHand({ environment }: Target, request: PromoteRequest, errors: UserError[]): Wish {
  const wrong = (message: string) => void errors.push(new UserError(message));
  const { service, rollback, reason } = request;
  const [kind = 'rollback', ...more] = byHand.filter(name => request[name] !== undefined);
  if (more.length > 0) {
    wrong(`The inputs ${[kind, ...more].join(', ')} do not go together: give one of them a run`);
  }
  const others = Object.fromEntries(more.map(name => [name, undefined]));
  if (kind !== 'rollback' && service !== undefined) {
    wrong(`The input ${kind} names its service itself: leave out service`);
  }
  errors.push(
    ...strays(kind, { ...request, ...others, ...(kind !== 'rollback' && { service: undefined }) }, kind),
  );
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
  return kind === 'rollback'
    ? { kind, commit: rollback ?? '', service, reason }
    : { kind, service: request[kind] ?? '', reason };
}

/** What comes from another environment, or from a build. */
function readPromotion(where: Target, request: PromoteRequest, errors: UserError[]): Wish {
  const wrong = (message: string) => void errors.push(new UserError(message));
  const { environment, platform, settings } = where;
  const { service, image, revision, reason } = request;
  if (reason !== undefined) {
    wrong('The input reason says why a rollback or a pause is made: leave it out, or give rollback or pause');
  }
  const given = { ...request, reason: undefined };
  const from = settings.promote?.from;
  if (from !== undefined) {
    if (image !== undefined || revision !== undefined) {
      wrong(
        `${environment} takes its versions from ${from}: leave out image and revision, or give them to the environment that comes first`,
      );
    }
    const rest = { ...given, image: undefined, revision: undefined };
    errors.push(...strays('take-over', rest, `a promotion from ${from}`), ...unaskable(where, request));
    return { kind: 'take-over', from, service };
  }
  if (service === undefined || (image === undefined && revision === undefined)) {
    wrong(
      `${environment} is the first environment, so nothing comes to it by itself: give the inputs service, and image or revision or both`,
    );
  }
  errors.push(
    ...strays('announce', given, `${environment}, which comes first,`),
    ...unaskable(where, request),
  );
  const isKnown = service !== undefined && Object.hasOwn(platform.services, service);
  const read = {
    image: attempt(() => (image !== undefined && isKnown ? announced(platform, service, image) : undefined)),
    revision: attempt(() => (revision === undefined ? undefined : checkRevision(revision))),
  };
  errors.push(...read.image.errors, ...read.revision.errors);
  return {
    kind: 'announce',
    service: service ?? '',
    image: read.image.result,
    revision: read.revision.result,
  };
}

// What arrives here may come from another repository: it names an image of this service, and a version that stands still.
function announced({ services }: PlatformFile, service: string, image: string): Reference {
  const expected = services[service]?.image ?? '';
  const found = parseReference(image);
  if (!found?.digest || found.tag === 'latest') {
    throw new UserError(
      `"${image}" names no version that stands still: write ${expected}:TAG@sha256:… with the digest that the registry gave the build, and no "latest"`,
    );
  }
  if (sameRepository(found.repository, expected)) return found;
  throw new UserError(`"${image}" is not an image of ${service}: by platform.yaml that is ${expected}`);
}

/** Whether versions come from a build or another environment, and nobody has chosen them for this one by hand. */
export const isPromotion = ({ kind }: Wish): boolean => kind === 'announce' || kind === 'take-over';
