/** Amounts are whole numbers of a currency's smallest unit; how many digits that is, the currency says. */
const digits = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

export const money = (minor: number, currency: string): string =>
  new Intl.NumberFormat('en-CH', { style: 'currency', currency }).format(minor / 10 ** digits(currency));

/** `1290` → `12.90`, as a form has it. */
export const toInput = (minor: number, currency: string): string =>
  (minor / 10 ** digits(currency)).toFixed(digits(currency));

/** What somebody typed, without a detour by fractions of two; undefined when it is no amount. */
export function fromInput(text: string, currency: string): number | undefined {
  const places = digits(currency);
  const [, whole, fraction = ''] = /^(\d{1,7})(?:[.,](\d*))?$/.exec(text.trim()) ?? [];
  if (whole === undefined || fraction.length > places) return undefined;
  return Number(whole + fraction.padEnd(places, '0'));
}
