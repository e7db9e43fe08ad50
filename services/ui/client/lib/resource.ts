import { onScopeDispose, type Ref, ref, shallowRef, type WatchSource, watch } from 'vue';
import { ApiError } from '../api/problem.ts';

export interface Resource<T> {
  data: Readonly<Ref<T | undefined>>;
  error: Readonly<Ref<ApiError | undefined>>;
  loading: Readonly<Ref<boolean>>;
  reload: () => Promise<void>;
  set: (value: T) => void;
}

/**
 * Something a page shows: loaded now, whenever `when` changes, and when the connection is back after a failure. Of two
 * answers under way the later question's counts. What was shown stays until there is something newer.
 */
export function useResource<T>(load: () => Promise<T>, when?: WatchSource): Resource<T> {
  const data = shallowRef<T>();
  const error = shallowRef<ApiError>();
  const loading = ref(false);
  let turn = 0;

  async function reload(): Promise<void> {
    const mine = ++turn;
    loading.value = true;
    try {
      const loaded = await load();
      if (mine !== turn) return;
      data.value = loaded;
      error.value = undefined;
    } catch (failure) {
      if (mine !== turn) return;
      if (!(failure instanceof ApiError)) throw failure;
      error.value = failure;
    } finally {
      if (mine === turn) loading.value = false;
    }
  }

  const whenOnline = () => {
    if (error.value) void reload();
  };
  addEventListener('online', whenOnline);
  onScopeDispose(() => {
    removeEventListener('online', whenOnline);
    turn++;
  });
  if (when) watch(when, reload);
  void reload();
  return {
    data,
    error,
    loading,
    reload,
    set: value => {
      data.value = value;
      error.value = undefined;
    },
  };
}

/** Something a person does: once at a time, whatever is clicked meanwhile. */
export function useAction<Arguments extends unknown[]>(work: (...given: Arguments) => Promise<unknown>) {
  const busy = ref(false);
  const error = shallowRef<ApiError>();
  async function run(...given: Arguments): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    error.value = undefined;
    try {
      await work(...given);
      return true;
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      error.value = failure;
      return false;
    } finally {
      busy.value = false;
    }
  }
  return { busy, error, run };
}
