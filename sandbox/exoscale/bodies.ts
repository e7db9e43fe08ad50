import { type TProperties, Type } from 'typebox';

/** A body that may hold these properties and no others: what is misspelt must not pass unseen. */
export const closed = <T extends TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

export const optional = Type.Optional;
export const name = Type.String({ minLength: 1, maxLength: 255 });
export const description = Type.String({ maxLength: 255 });
export const labels = Type.Record(Type.String(), Type.String());
export const uuid = Type.String({ pattern: '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' });
export const reference = closed({ id: uuid });
export const references = Type.Array(reference);
export const port = Type.Integer({ minimum: 1, maximum: 65535 });
export const oneOf = <const T extends string>(...values: T[]) => Type.Enum(values);
