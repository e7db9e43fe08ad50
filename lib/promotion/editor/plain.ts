import { parseDocument, Scalar } from 'yaml';
import { type Location, UserError } from '../../runner/errors.ts';

/** The text in the style that stands there; a plain one is quoted where it would be read as something else. */
export function writeScalar(value: string, style: Scalar.Type, at: Location): string {
  // Whatever breaks a line, or is not seen, needs escapes that not everybody reads alike.
  if (!/^[\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/.test(value)) {
    throw new UserError(
      `The new value ${JSON.stringify(value)} has characters that cannot be written safely`,
      at,
    );
  }
  if (style === Scalar.QUOTE_SINGLE) return `'${value.replaceAll("'", "''")}'`;
  if (style === Scalar.PLAIN && isPlain(value)) return value;
  return JSON.stringify(value);
}

/** True for a text that every YAML reader, old and new, takes as that text without quotes, in flow collections too. */
export function isPlain(value: string): boolean {
  if (!/^[\w./][\w./@:+=~-]*$/.test(value) || value.endsWith(':')) return false;
  if (numberLike.some(pattern => pattern.test(value))) return false;
  return (['1.1', '1.2'] as const).every(
    version => parseDocument(value, { version }).contents?.toJSON() === value,
  );
}

// Readers of YAML 1.1 differ in what they take for a number or a date: whatever any of them may is quoted.
const numberLike = [
  /^[-+]?[\d_]*\.?[\d_]*([eE][-+]?\d+)?$/,
  /^0[xXoObB][\w]*$/,
  /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?$/,
  /^\d{4}-\d\d?-\d\d?([Tt].*)?$/,
  /^(y|n|yes|no|on|off|true|false|null|~|=|\.inf|\.nan)$/i,
];
