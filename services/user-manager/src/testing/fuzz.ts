import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc, { type Arbitrary } from 'fast-check';
import { almost, type JsonSchema } from './arbitrary.ts';
import type { Answer } from './client.ts';

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: JsonSchema;
}

interface Operation {
  method: string;
  path: string;
  parameters?: Parameter[];
  requestBody?: { content: { 'application/json': { schema: JsonSchema } } };
  responses: Record<string, { content?: Record<string, { schema?: JsonSchema }> }>;
}

export interface Attempt {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

interface Document {
  paths?: Record<string, Record<string, unknown>>;
}

/** All operations of an OpenAPI document. */
export const operations = (document: Document): Operation[] =>
  Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...(operation as Operation),
      method: method.toUpperCase(),
      path,
    })),
  );

/** Requests for one operation: as documented, almost so, and not at all. `known` has values that exist, by parameter. */
export function attempts(
  { method, path, parameters = [], requestBody }: Operation,
  known: Record<string, string[]>,
): Arbitrary<Attempt> {
  const named = (place: Parameter['in']) =>
    fc.record(
      Object.fromEntries(
        parameters
          .filter(parameter => parameter.in === place)
          .map(({ name, schema }) => {
            const existing = known[name];
            const made = almost(schema).map(value =>
              typeof value === 'string' ? value : JSON.stringify(value),
            );
            return [name, existing ? fc.oneof(fc.constantFrom(...existing), made) : made];
          }),
      ),
      {
        requiredKeys:
          place === 'path' ? parameters.filter(each => each.in === 'path').map(each => each.name) : [],
      },
    );
  const body = requestBody?.content['application/json'].schema;
  return fc
    .record({
      path: named('path'),
      query: named('query'),
      header: named('header'),
      body: body ? almost(body) : fc.constant(undefined),
    })
    .map(parts => {
      const query = new URLSearchParams(wellFormed(parts.query)).toString();
      const filled = path.replace(
        /\{(\w+)\}/g,
        (_, name) => encodeURIComponent(wellFormed(parts.path)[name] ?? '') || '-',
      );
      const header = Object.entries(wellFormed(parts.header)).map(
        ([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '?').slice(0, 4000)] as const,
      );
      return {
        method,
        path: `${filled}${query && `?${query}`}`.slice(0, 8000),
        headers: Object.fromEntries(header),
        body: parts.body,
      };
    });
}

/** Half a surrogate pair cannot be part of an address. */
const wellFormed = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value).toWellFormed()]));

/** Says what is wrong with an answer by the document: nothing, if all is well. */
export function auditor(document: Document): (operation: Operation, answer: Answer) => string | undefined {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(document as object, 'document');
  const step = (text: string) => text.replaceAll('~', '~0').replaceAll('/', '~1');

  return ({ method, path, responses }, { status, headers, text, body }) => {
    if (status >= 500) return `${status}: ${text}`;
    const documented = responses[status];
    if (!documented) return `${status} is not documented: ${text}`;
    const type = headers['content-type']?.split(';')[0];
    const content = type && documented.content?.[type];
    if (!documented.content || text === '') return text === '' ? undefined : `an undocumented body: ${text}`;
    if (!content) return `${type} is not documented`;
    const at = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', type, 'schema'];
    const validate = ajv.compile({ $ref: `document#/${at.map(step).map(encodeURIComponent).join('/')}` });
    return validate(body) ? undefined : `${ajv.errorsText(validate.errors)}: ${text}`;
  };
}
