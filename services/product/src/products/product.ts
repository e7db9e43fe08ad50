import type { Selectable } from 'kysely';
import { type Static, Type } from 'typebox';
import { nullable, text, timestamp, uuid } from '../server/validation.ts';
import type { Products } from '../tables.ts';

export const slug = () =>
  Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', minLength: 1, maxLength: 60, examples: ['tea'] });
/** Money is whole numbers of the smallest unit: 1290 is 12.90. */
const priceMinor = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
export const maximumStock = 1_000_000_000;

/** What administrators write. */
export const writable = {
  name: text(1, 200),
  description: text(0, 5000),
  category: nullable(slug()),
  priceMinor,
  imageUrl: nullable(
    Type.String({
      pattern: '^(https://|/pictures/)[^\\s\\u0000-\\u001f"<>\\\\]+$',
      maxLength: 2000,
      description: "Anywhere, or among the UI's own: `/pictures/…`",
      examples: ['https://img.example.com/tea.avif'],
    }),
  ),
};

export const product = Type.Object({
  id: uuid(),
  name: Type.String(),
  description: Type.String(),
  category: nullable(Type.String()),
  priceMinor,
  currency: Type.String(),
  imageUrl: nullable(Type.String()),
  stock: Type.Integer({ minimum: 0 }),
  createdAt: timestamp(),
  updatedAt: timestamp(),
});

export const toProduct = (row: Selectable<Products>, currency: string): Static<typeof product> => ({
  id: row.id,
  name: row.name,
  description: row.description,
  category: row.category,
  priceMinor: row.price_minor,
  currency,
  imageUrl: row.image_url,
  stock: row.stock,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

/** The columns of what was written; what is missing stays as it is. */
export function toColumns(body: Partial<Static<ReturnType<typeof Type.Object<typeof writable>>>>) {
  const { name, description, category, priceMinor, imageUrl } = body;
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(category !== undefined && { category }),
    ...(priceMinor !== undefined && { price_minor: priceMinor }),
    ...(imageUrl !== undefined && { image_url: imageUrl }),
  };
}
