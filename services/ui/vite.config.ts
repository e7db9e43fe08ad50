import vue from '@vitejs/plugin-vue';
import { defineConfig, type Plugin } from 'vite';
import { pictures } from './pictures/index.ts';

/** The pictures of the demonstration's goods are drawn when the pages are built. */
const drawPictures = (): Plugin => ({
  name: 'draw-pictures',
  generateBundle() {
    for (const [name, source] of Object.entries(pictures()))
      this.emitFile({ type: 'asset', fileName: `pictures/${name}.svg`, source });
  },
});

/** The policy allows no script, style or font that stands in a page: all of them become files. */
export default defineConfig({
  plugins: [vue(), drawPictures()],
  build: {
    target: ['chrome123', 'firefox120', 'safari17.5'], // from these on, light-dark() is known
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
