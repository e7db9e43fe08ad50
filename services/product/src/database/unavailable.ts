/** SQLSTATE classes and codes: connection, resources, shutdown, cancelled or timed out, lock not available. */
const states = /^(08|53|57|58|55P03|25P03|40001|40P01)/;
const network = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
/** What pg says in words only. */
const words =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable/;

/** Whether the database could not be asked, or did not answer in time; trying again may help. */
export function unavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AggregateError && error.errors.some(unavailable)) return true;
  return (code !== undefined && (states.test(code) || network.has(code))) || words.test(error.message);
}
