import { computed, ref } from 'vue';
import type { Product } from '../api/types.ts';
import * as lines from '../lib/basket.ts';
import { storage } from '../lib/storage.ts';

const name = 'basket';
const kept = ref<lines.Line[]>(lines.read(storage.getItem(name)));

/** What is changed in one tab is changed in all. */
addEventListener('storage', event => {
  if (event.key === name) kept.value = lines.read(event.newValue);
});

function write(next: lines.Line[]): void {
  kept.value = next;
  storage.setItem(name, JSON.stringify(next));
}

/** The basket survives reloads, logins and the end of a session; prices in it are looked up anew before they count. */
export const basket = {
  lines: computed(() => kept.value),
  pieces: computed(() => kept.value.reduce((sum, line) => sum + line.quantity, 0)),
  quantityOf: (productId: string) => kept.value.find(line => line.productId === productId)?.quantity ?? 0,
  add: (product: Product, quantity: number) => write(lines.add(kept.value, product, quantity)),
  setQuantity: (productId: string, quantity: number) =>
    write(lines.setQuantity(kept.value, productId, quantity)),
  remove: (productId: string) => write(lines.remove(kept.value, productId)),
  replace: (next: lines.Line[]) => write(next),
  clear: () => write([]),
};
