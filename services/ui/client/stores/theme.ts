import { readonly, ref } from 'vue';
import { storage } from '../lib/storage.ts';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
const name = 'theme';
const current = ref<Theme>(themes.find(each => each === storage.getItem(name)) ?? 'system');

export const theme = readonly(current);

/** The stylesheet follows the device unless the page says otherwise. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = current.value;
}

export function nextTheme(): void {
  current.value = themes[(themes.indexOf(current.value) + 1) % themes.length] ?? 'system';
  storage.setItem(name, current.value);
  applyTheme();
}
