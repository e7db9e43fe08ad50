import { onScopeDispose } from 'vue';
import { session } from '../stores/session.ts';

/**
 * Keeps what is being written when a login comes in between, in this tab and until it is taken: nobody types twice because
 * a session ended.
 */
export function useDraft<T>(name: string, current: () => T): { take: () => T | undefined } {
  const key = `draft ${name}`;
  onScopeDispose(() => {
    if (!session.user.value) sessionStorage.setItem(key, JSON.stringify(current()));
  });
  return {
    take: () => {
      const text = sessionStorage.getItem(key);
      sessionStorage.removeItem(key);
      return text ? (JSON.parse(text) as T) : undefined;
    },
  };
}
