/** A place in a file of the user's, as annotations and error sentences name it. Lines and columns count from 1. */
export interface Location {
  file: string;
  line?: number;
  column?: number;
}

/** `file`, `file:line` or `file:line:column`: what editors and terminals turn into a link. */
export const place = ({ file, line, column }: Location): string =>
  [file, line, column].filter(part => part !== undefined).join(':');

/**
 * Something the user can mend: configuration, credentials, their cloud. The message is one sentence that says what is
 * wrong, where, and what to do next; it is shown without a stack. The place in `at` is printed before the message and
 * is not repeated in it. Any other exception is a bug of ours and keeps its stack.
 */
export class UserError extends Error {
  override name = 'UserError';
  readonly at: Location | undefined;

  constructor(message: string, at?: Location, options?: ErrorOptions) {
    super(message, options);
    this.at = at;
  }
}

/** What an apply makes is not there: it is yet to be made, or was torn down. */
export class Absent extends UserError {
  override name = 'Absent';
}

/** Several mistakes found in one go, so that nobody mends them one run at a time. */
export class UserErrors extends Error {
  override name = 'UserErrors';
  readonly errors: readonly UserError[];

  constructor(errors: readonly UserError[]) {
    super(
      errors.map(error => (error.at ? `${place(error.at)}: ${error.message}` : error.message)).join('\n'),
    );
    this.errors = errors;
  }
}

/** The mistakes that an error tells. @throws the error when it is none of the user's */
export function userErrors(error: unknown): readonly UserError[] {
  if (error instanceof UserErrors) return error.errors;
  if (error instanceof UserError) return [error];
  throw error;
}

/** Does a piece of work, and keeps what is wrong, so that it can be told beside other mistakes. */
export function attempt<R>(work: () => R): { result?: R; errors: readonly UserError[] } {
  try {
    return { result: work(), errors: [] };
  } catch (error) {
    return { errors: userErrors(error) };
  }
}

/** Does the work for all of them, and keeps what is wrong with any. */
export function tryAll<T, R>(
  items: readonly T[],
  work: (item: T) => R,
): { results: R[]; errors: UserError[] } {
  const done = items.map(item => attempt(() => [work(item)]));
  return {
    results: done.flatMap(({ result = [] }) => result),
    errors: distinct(done.flatMap(({ errors }) => errors)),
  };
}

/** The same where nothing follows from half of it. @throws UserErrors */
export function forAll<T, R>(items: readonly T[], work: (item: T) => R): R[] {
  const { results, errors } = tryAll(items, work);
  if (errors.length > 0) throw new UserErrors(errors);
  return results;
}

/** @throws UserError for the only one, or UserErrors */
export function throwAll(errors: readonly UserError[]): void {
  const [first, ...others] = errors;
  if (first) throw others.length > 0 ? new UserErrors(errors) : first;
}

/** What is wrong with a line is told once, however many things it breaks. */
export const distinct = (errors: readonly UserError[]): UserError[] => [
  ...new Map(errors.map(error => [`${error.at?.file} ${error.at?.line} ${error.message}`, error])).values(),
];
