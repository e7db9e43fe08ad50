import { computed, type Ref, shallowRef, type WatchSource } from 'vue';
import { type Resource, useResource } from './resource.ts';

interface Page<Item, Cursor> {
  items: readonly Item[];
  next: Cursor | null;
}

export interface Pages<Item> extends Pick<Resource<unknown>, 'error' | 'loading' | 'reload'> {
  items: Readonly<Ref<readonly Item[] | undefined>>;
  /** Where it goes on, if it does. */
  next: Readonly<Ref<unknown>>;
  more: () => Promise<void>;
}

/** A list that goes on where it ended. `more` throws an ApiError; `reload` begins anew. */
export function usePages<Item, Cursor>(
  load: (after?: Cursor) => Promise<Page<Item, Cursor>>,
  when?: WatchSource,
): Pages<Item> {
  const further = shallowRef<Page<Item, Cursor>[]>([]);
  const { data, error, loading, reload } = useResource(async () => {
    const first = await load();
    further.value = [];
    return first;
  }, when);
  const pages = computed(() => (data.value ? [data.value, ...further.value] : undefined));
  const next = computed(() => pages.value?.at(-1)?.next);
  return {
    items: computed(() => pages.value?.flatMap(page => page.items)),
    next,
    error,
    loading,
    reload,
    more: async () => {
      const before = pages.value;
      if (!next.value) return;
      const page = await load(next.value);
      if (pages.value === before) further.value = [...further.value, page];
    },
  };
}
