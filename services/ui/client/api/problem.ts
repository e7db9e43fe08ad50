/** Why a request did not do what it should: the answer's problem (RFC 9457), or that there was no answer. */
export class ApiError extends Error {
  override name = 'ApiError';
  /** The stable end of the problem's type; `offline` and `no-answer` are ours, `unknown` is an answer without a type. */
  readonly kind: string;
  /** 0 when there was no answer. */
  readonly status: number;
  /** What else the problem says. */
  readonly body: Record<string, unknown>;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: string,
    {
      status = 0,
      detail = '',
      body = {},
      retryAfterSeconds,
    }: { status?: number; detail?: string; body?: Record<string, unknown>; retryAfterSeconds?: number } = {},
  ) {
    super(detail || kind);
    this.kind = kind;
    this.status = status;
    this.body = body;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export function fromResponse({ status, headers }: Response, answer: unknown): ApiError {
  const body = isObject(answer) ? answer : {};
  const kind = /^urn:shop:problem:([a-z-]+)$/.exec(String(body.type))?.[1];
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return new ApiError(kind ?? (status === 429 ? 'too-many-attempts' : 'unknown'), {
    status,
    detail: typeof body.detail === 'string' ? body.detail : '',
    body,
    ...(Number.isFinite(seconds) && { retryAfterSeconds: seconds }),
  });
}

export const fromFailure = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(navigator.onLine ? 'no-answer' : 'offline');

/** Whether the same request may be sent again: nothing is known to be wrong with it. */
export const isPassing = ({ kind, status }: ApiError): boolean =>
  kind === 'offline' || kind === 'no-answer' || kind === 'order-in-flight' || status === 429 || status >= 500;

/** Whether the answer means that nobody is logged in (any more). */
export const isLoggedOut = ({ kind, status }: ApiError): boolean =>
  status === 401 && kind !== 'wrong-credentials';

export interface Explanation {
  title: string;
  text: string;
}

/** What a person is told, and what they can do about it. The one place for it. */
export function explain(error: ApiError): Explanation {
  const known = explanations[error.kind];
  if (known) return typeof known === 'function' ? known(error) : known;
  if (error.status === 404) return explanations['not-found'] as Explanation;
  if (error.status >= 500)
    return {
      title: 'The shop does not answer',
      text: 'Something on our side is down. Try again in a moment.',
    };
  return { title: 'That did not work', text: error.message };
}

const wait = ({ retryAfterSeconds }: ApiError): string => {
  if (!retryAfterSeconds) return 'in a moment';
  const minutes = Math.ceil(retryAfterSeconds / 60);
  return retryAfterSeconds < 90 ? `in ${retryAfterSeconds} seconds` : `in ${minutes} minutes`;
};

const explanations: Record<string, Explanation | ((error: ApiError) => Explanation)> = {
  offline: { title: 'You are offline', text: 'This is loaded as soon as you are connected again.' },
  'no-answer': { title: 'The shop does not answer', text: 'Check your connection, then try again.' },
  'not-found': { title: 'This is not here', text: 'It may have been taken off the shelves.' },
  'wrong-credentials': {
    title: 'That is not right',
    text: 'The address or the password is wrong. Try again, or set a new password.',
  },
  'wrong-password': { title: 'That is not right', text: 'Your current password is another.' },
  'weak-password': {
    title: 'Too easily guessed',
    text: 'This password is among those that are tried first, or is your own name. Choose another.',
  },
  'too-many-attempts': error => ({ title: 'Too many attempts', text: `Try again ${wait(error)}.` }),
  'invalid-token': {
    title: 'This link does not work any more',
    text: 'It may have been used already, or be too old. Ask for another.',
  },
  'cross-origin': { title: 'Refused', text: 'This page is not opened from the shop’s own address.' },
  forbidden: { title: 'Not yours to do', text: 'This needs an administrator.' },
  'last-admin': {
    title: 'The last administrator',
    text: 'The shop would have nobody to run it. Make somebody else an administrator first.',
  },
  'own-account': { title: 'Your own account', text: 'Another administrator can disable it.' },
  'already-shipped': { title: 'Already on its way', text: 'This order has left, so it cannot be cancelled.' },
  'already-cancelled': { title: 'Already cancelled', text: 'This order was cancelled, so it cannot leave.' },
  'order-in-flight': { title: 'One moment', text: 'This order is being taken. Try again in a moment.' },
  'category-in-use': { title: 'Not empty', text: 'There are products in this category: move them first.' },
  'stock-out-of-range': error => ({
    title: 'Not that many',
    text: `There are ${String(error.body.stock)} left, and stock cannot be less than nothing.`,
  }),
  'invalid-request': error => ({ title: 'Check what you entered', text: details(error) || error.message }),
};

const details = ({ body }: ApiError): string =>
  Array.isArray(body.errors)
    ? body.errors.map(each => (isObject(each) ? `${each.at}: ${each.detail}` : '')).join('; ')
    : '';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
