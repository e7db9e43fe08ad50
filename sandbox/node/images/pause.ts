import { pauseImage } from '../config.ts';
import type { Recipe } from './recipe.ts';

/** catatonit, by another name, is what other container engines ship for this. */
export const pause: Recipe = {
  reference: pauseImage,
  files: { '/pause': '/usr/bin/catatonit' },
  config: { Entrypoint: ['/pause', '-P'], User: '65535:65535', WorkingDir: '/' },
};
