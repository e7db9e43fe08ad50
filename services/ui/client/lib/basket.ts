import type { Product } from '../api/types.ts';

/** A line of the basket, with what it looked like when it was put in: shown until today's is known. */
export interface Line {
  productId: string;
  quantity: number;
  seen: { name: string; priceMinor: number; currency: string; imageUrl: string | null };
}

/** What the order's operation takes at most. */
export const maximumLines = 50;
export const maximumQuantity = 1000;

const whole = (quantity: number, maximum: number): number =>
  Math.max(1, Math.min(maximum, Math.trunc(quantity) || 1));

/** Adds to a line that is there, never beyond what is on the shelf. */
export function add(lines: Line[], product: Product, quantity: number): Line[] {
  const known = lines.find(line => line.productId === product.id);
  if (!known && lines.length >= maximumLines) return lines;
  const { name, priceMinor, currency, imageUrl } = product;
  const line: Line = {
    productId: product.id,
    quantity: whole((known?.quantity ?? 0) + quantity, Math.min(maximumQuantity, product.stock)),
    seen: { name, priceMinor, currency, imageUrl },
  };
  return known ? lines.map(each => (each === known ? line : each)) : [...lines, line];
}

export const setQuantity = (lines: Line[], productId: string, quantity: number): Line[] =>
  lines.map(line =>
    line.productId === productId ? { ...line, quantity: whole(quantity, maximumQuantity) } : line,
  );

export const remove = (lines: Line[], productId: string): Line[] =>
  lines.filter(line => line.productId !== productId);

/** What is wrong with a line today: it is no longer sold, there is none left, or less than is wanted. */
export type Trouble = 'gone' | 'sold-out' | 'short';

export interface Priced extends Line {
  name: string;
  priceMinor: number;
  currency: string;
  imageUrl: string | null;
  /** How many there are; unknown until the catalogue has answered. */
  available: number | undefined;
  trouble: Trouble | undefined;
  /** The price when it was put in, if it is another today. */
  priceBefore: number | undefined;
}

/** The lines at today's prices. `undefined` means not asked yet, `null` that there is no such product any more. */
export function reprice(lines: Line[], today: (productId: string) => Product | null | undefined): Priced[] {
  return lines.map(line => {
    const product = today(line.productId);
    const { name, priceMinor, currency, imageUrl } = product ?? line.seen;
    return {
      ...line,
      name,
      priceMinor,
      currency,
      imageUrl,
      available: product === null ? 0 : product?.stock,
      trouble: troubleOf(line, product),
      priceBefore: priceMinor === line.seen.priceMinor ? undefined : line.seen.priceMinor,
    };
  });
}

function troubleOf({ quantity }: Line, product: Product | null | undefined): Trouble | undefined {
  if (product === null) return 'gone';
  if (!product || product.stock >= quantity) return undefined;
  return product.stock === 0 ? 'sold-out' : 'short';
}

/** Makes the basket what can be bought: fewer where there are fewer, without what is gone. */
export const mend = (priced: Priced[]): Line[] =>
  priced
    .filter(({ available }) => available !== 0)
    .map(({ productId, quantity, seen, available }) => ({
      productId,
      seen,
      quantity: Math.min(quantity, available ?? quantity),
    }));

/** What that costs which can be bought. */
export const total = (priced: Priced[]): number =>
  priced.reduce(
    (sum, { priceMinor, quantity, available }) =>
      sum + priceMinor * Math.min(quantity, available ?? quantity),
    0,
  );

/** What a browser kept, if it is ours: anybody can write there, an older version of us among them. */
export function read(text: string | null): Line[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter(isLine).slice(0, maximumLines) : [];
  } catch {
    return [];
  }
}

const isLine = (value: Partial<Line> | null): value is Line =>
  typeof value?.productId === 'string' &&
  Number.isInteger(value.quantity) &&
  (value.quantity ?? 0) > 0 &&
  typeof value.seen?.name === 'string' &&
  Number.isInteger(value.seen.priceMinor) &&
  /^[A-Z]{3}$/.test(value.seen.currency);
