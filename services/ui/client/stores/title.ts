import { type MaybeRefOrGetter, onScopeDispose, toValue, watchEffect } from 'vue';
import { config } from './config.ts';

export const setTitle = (text: string): void => {
  document.title = text ? `${text} · ${config.shopName}` : config.shopName;
};

/** The page's title, once it knows better than its route. */
export function useTitle(text: MaybeRefOrGetter<string | undefined>): void {
  const stop = watchEffect(() => {
    const value = toValue(text);
    if (value) setTitle(value);
  });
  onScopeDispose(stop);
}
