import { readonly, ref } from 'vue';

/* One live region for the whole shop: what changed, for whoever does not see it. */

const message = ref('');
export const announced = readonly(message);

export function announce(text: string): void {
  message.value = '';
  setTimeout(() => {
    message.value = text;
  }, 50); // the same text twice is read twice
}
