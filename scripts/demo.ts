import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../sandbox/tools/cache.ts';

/*
 * npm run demo [-- --keep] [--full]   a platform's whole life on this machine
 */

// A third of its start goes into reading TypeScript, the same at every start.
enableCompileCache(join(cacheFolder(), 'compiled'));
await import('./demo/main.ts');
