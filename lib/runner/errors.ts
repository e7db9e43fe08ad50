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
