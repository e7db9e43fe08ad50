import { checkPins } from '../../lib/platform/pins.ts';
import { load } from '../../lib/platform/platform.ts';

// Of `npm run check` what is about a team's own files, run where they are.
await checkPins(await load('platform.yaml'), 'manifests');
