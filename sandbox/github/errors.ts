/** An answer that GitHub gives to a request it understands and does not grant: 404, 409, 422… */
export class ApiError extends Error {
  readonly status: number;
  readonly errors: ValidationError[] | undefined;

  constructor(status: number, message: string, errors?: ValidationError[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export interface ValidationError {
  resource?: string;
  field?: string;
  code: string;
  message?: string;
}

export const notFound = () => new ApiError(404, 'Not Found');

export const invalid = (resource: string, field: string, message?: string) =>
  new ApiError(422, 'Validation Failed', [
    message ? { resource, code: 'custom', field, message } : { resource, code: 'invalid', field },
  ]);

/** A body longer than GitHub stores: counted in characters, as GitHub counts them. */
export function checkLength(resource: string, body: string | null | undefined): void {
  if (body && [...body].length > longestBody) {
    throw invalid(resource, 'body', `body is too long (maximum is ${longestBody} characters)`);
  }
}

export const longestBody = 65_536;
