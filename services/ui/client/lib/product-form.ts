import type { Product, ProductWrite } from '../api/types.ts';
import { fromInput, toInput } from './money.ts';

/** A product as a form has it: text throughout. */
export interface ProductForm {
  name: string;
  description: string;
  category: string;
  price: string;
  imageUrl: string;
}

export const emptyForm = (): ProductForm => ({
  name: '',
  description: '',
  category: '',
  price: '',
  imageUrl: '',
});

export const written = ({ name, description, category, priceMinor, imageUrl }: Product): ProductWrite => ({
  name,
  description,
  category,
  priceMinor,
  imageUrl,
});

export const toForm = (product: ProductWrite, currency: string): ProductForm => ({
  name: product.name,
  description: product.description,
  category: product.category ?? '',
  price: toInput(product.priceMinor, currency),
  imageUrl: product.imageUrl ?? '',
});

export type FormErrors = Partial<Record<keyof ProductForm, string>>;

/** What the form says, or everything that is wrong with it. */
export function readForm(
  form: ProductForm,
  currency: string,
): { product: ProductWrite } | { errors: FormErrors } {
  const priceMinor = fromInput(form.price, currency);
  const imageUrl = form.imageUrl.trim();
  const errors: FormErrors = {
    ...(form.name.trim() === '' && { name: 'A product needs a name.' }),
    ...(priceMinor === undefined && { price: 'An amount like 12.50.' }),
    ...(imageUrl !== '' &&
      !/^(https:\/\/|\/pictures\/)[^\s"<>\\]+$/.test(imageUrl) && {
        imageUrl: 'An address that begins with https:// or /pictures/.',
      }),
  };
  if (priceMinor === undefined || Object.keys(errors).length > 0) return { errors };
  return {
    product: {
      name: form.name.trim(),
      description: form.description.trim(),
      category: form.category || null,
      priceMinor,
      imageUrl: imageUrl || null,
    },
  };
}
