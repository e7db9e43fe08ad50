import { STATUS_CODES } from 'node:http';
import { Type } from 'typebox';

/**
 * An answer that says what went wrong, as RFC 9457 has it. `name` is the stable part that clients may compare.
 * https://www.rfc-editor.org/rfc/rfc9457
 */
export class Problem extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    name: string,
    detail: string,
    { headers = {}, ...more }: { headers?: Record<string, string>; [member: string]: unknown } = {},
  ) {
    super(detail);
    this.status = status;
    this.headers = headers;
    this.body = { type: `urn:shop:problem:${name}`, title: STATUS_CODES[status], status, detail, ...more };
  }
}

export const mediaType = 'application/problem+json';

/** The shape of all problems; operations refer to it by name. */
export const problemSchema = Type.Object(
  {
    type: Type.String({ pattern: '^urn:shop:problem:[a-z-]+$' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    errors: Type.Optional(
      Type.Array(Type.Object({ at: Type.String(), detail: Type.String() }), {
        description: 'What is wrong with the request, all of it',
      }),
    ),
  },
  { $id: 'Problem', additionalProperties: true, description: 'RFC 9457' },
);

/** The responses of an operation that may end in these statuses; 503 is among those of every one. */
export const problems = (...statuses: number[]) =>
  Object.fromEntries(
    [...statuses, 503].map(status => [
      status,
      { description: STATUS_CODES[status], content: { [mediaType]: { schema: { $ref: 'Problem#' } } } },
    ]),
  );
