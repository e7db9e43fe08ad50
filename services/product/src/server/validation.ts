import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import { Type } from 'typebox';

const validator = (coerceTypes: boolean): Ajv => {
  const ajv = new Ajv({ allErrors: true, useDefaults: true, coerceTypes });
  formats.default(ajv, ['email', 'date-time']);
  return ajv;
};
const strict = validator(false);
const textual = validator(true);

/** Bodies have types of their own, while all else arrives as text. Nothing unknown is dropped in silence: it is refused. */
export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? strict : textual).compile(schema);

/** What an object of strings is, as a schema has it, or everything that is wrong with it. */
export function parse<T>(schema: object, value: Record<string, string | undefined>): T | ErrorObject[] {
  const copy = structuredClone(value);
  const valid = textual.compile(schema);
  return valid(copy) ? (copy as T) : (valid.errors ?? []);
}

/** Text that PostgreSQL can store: it has no NUL. */
export const text = (minLength: number, maxLength: number, more: { description?: string } = {}) =>
  Type.String({ minLength, maxLength, pattern: '^[^\\u0000]*$', ...more });

/** Ajv's own format takes `urn:uuid:` as well. */
export const uuid = () =>
  Type.String({ pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$', examples: [exampleId] });
const exampleId = '0198c1f2-7c3b-7aaa-8a5e-0d9c3b1f2a44';

export const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const timestamp = () => Type.String({ format: 'date-time' });
/** An object of these properties and no others. */
export const exact = <const T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
