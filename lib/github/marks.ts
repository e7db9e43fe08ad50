/** A browser sends CRLF when somebody edits a text there. */
export const lines = (text: string): string => text.replaceAll('\r\n', '\n');

/** Text in which nothing looks like one of the hidden marks by which we know our own again. */
export const inert = (text: string): string =>
  lines(text).trim().replaceAll('<!-- slipway', '<\u200b!-- slipway');

/** A hidden mark. A value may be any text, and `-->` would end the mark, as would the beginning of another. */
export const mark = (kind: string, value?: unknown): string =>
  `<!-- slipway:${kind}${value === undefined ? '' : ` ${JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')}`} -->`;
