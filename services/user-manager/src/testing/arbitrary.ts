import fc, { type Arbitrary } from 'fast-check';

/** As much of JSON Schema as the services' documents use. */
export interface JsonSchema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  format?: string;
  examples?: unknown[];
}

/** Values as a schema has them. */
export function valid(schema: JsonSchema): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valid));
  switch (schema.type) {
    case 'string':
      return text(schema);
    case 'integer':
    case 'number':
      return integer(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valid(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, (schema.minItems ?? 0) + 5),
      });
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, part]) => [name, valid(part)]),
        ),
        { requiredKeys: schema.required ?? [] },
      );
    default:
      return fc.jsonValue();
  }
}

function text({ format, pattern, examples, minLength = 0, maxLength = 60 }: JsonSchema): Arbitrary<unknown> {
  const given = examples ? [fc.constantFrom(...examples)] : [];
  if (format === 'email') return fc.oneof(...given, fc.emailAddress());
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map(date => date.toISOString());
  if (pattern && !pattern.includes('\\u0000'))
    return fc.oneof(...given, fc.stringMatching(new RegExp(pattern)));
  const longest = Math.max(minLength, Math.min(maxLength, 300));
  return fc.oneof(...given, fc.string({ unit: 'grapheme', minLength, maxLength: longest }).map(clean));
}
const clean = (value: string) => value.replaceAll('\0', '-');

const integer = ({ minimum = -(2 ** 31), maximum = 2 ** 31 - 1 }: JsonSchema) =>
  fc.oneof(fc.integer({ min: minimum, max: maximum }), fc.constantFrom(minimum, maximum));

const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    '',
    'a\0b',
    '\ud800',
    "'; DROP TABLE users --",
    -1,
    1.5,
    1e308,
    2 ** 53,
    2 ** 31,
    [],
    {},
    null,
    'x'.repeat(5000),
  ),
);

/** Values as a schema has them, or almost, or not at all. */
export function almost(schema: JsonSchema): Arbitrary<unknown> {
  const good = valid(schema);
  if (schema.type !== 'object') return fc.oneof({ weight: 3, arbitrary: good }, odd);
  const names = Object.keys(schema.properties ?? {});
  const changed = fc
    .tuple(good, fc.constantFrom(...names, 'isAdmin', '__proto__'), odd)
    .map(([value, name, part]) => ({ ...(value as object), [name]: part }));
  return fc.oneof({ weight: 3, arbitrary: good }, { weight: 2, arbitrary: changed }, odd);
}
