import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { document } from './document.ts';

await writeFile(
  join(import.meta.dirname, '../openapi.json'),
  `${JSON.stringify(await document(), null, 2)}\n`,
);
