import '@fontsource-variable/archivo/wdth.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import { createApp } from 'vue';
import App from './App.vue';
import { connect } from './api/client.ts';
import { createShopRouter } from './router.ts';
import { config, loadConfig } from './stores/config.ts';
import { session } from './stores/session.ts';
import { applyTheme } from './stores/theme.ts';

applyTheme();
const root = document.querySelector('#app') as HTMLElement;

try {
  await loadConfig();
  const router = createShopRouter();
  connect(config.apiOrigin, () => {
    const before = session.user.value !== undefined;
    session.ended();
    const here = router.currentRoute.value;
    // Whoever was logged in learns that they are not, and comes back to where they were.
    if (before && here.name !== 'login')
      void router.push({ name: 'login', query: { next: here.fullPath, ended: '1' } });
  });
  createApp(App).use(router).mount(root);
} catch (error) {
  console.error(error);
  root.textContent = 'The shop could not be opened. Try again in a moment.';
}
