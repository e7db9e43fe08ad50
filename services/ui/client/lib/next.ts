/** Where to go after a login: a path of ours, and no other place that somebody put into a link. */
export const safeNext = (next: unknown): string =>
  typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/';
