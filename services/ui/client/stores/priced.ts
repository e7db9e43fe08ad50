import { computed } from 'vue';
import { call, products } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import type { Product } from '../api/types.ts';
import { reprice, total } from '../lib/basket.ts';
import { useResource } from '../lib/resource.ts';
import { basket } from './basket.ts';

/** What the basket holds at today's prices and stock, looked up anew whenever a page shows it. */
export function usePriced() {
  const ids = () => basket.lines.value.map(line => line.productId);
  const looked = useResource(
    async () => new Map(await Promise.all(ids().map(async id => [id, await find(id)] as const))),
    () => ids().toSorted().join(' '),
  );
  const priced = computed(() => reprice(basket.lines.value, id => looked.data.value?.get(id)));
  return {
    priced,
    total: computed(() => total(priced.value)),
    currency: computed(() => priced.value[0]?.currency ?? 'CHF'),
    hasTrouble: computed(() => priced.value.some(({ trouble }) => trouble)),
    /** Whether today's prices are known for every line. */
    isKnown: computed(() => ids().every(id => looked.data.value?.has(id))),
    error: looked.error,
    reload: looked.reload,
  };
}

async function find(id: string): Promise<Product | null> {
  try {
    return await call(products.GET('/products/{id}', { params: { path: { id } } }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
