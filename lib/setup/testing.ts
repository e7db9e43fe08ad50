import { join } from 'node:path';
import { load } from '../platform/platform.ts';
import type { Row } from './row.ts';
import type { Wish } from './wish.ts';
import { readWorkflows } from './workflows.ts';

const root = join(import.meta.dirname, '../..');
/** What this repository itself asks for, with the key that may write in the terminal. */
export const wish: Wish = {
  platform: await load(join(root, 'platform.yaml')),
  workflows: await readWorkflows(join(root, '.github/workflows')),
  ...{ reviewers: [], rotate: [], variables: { EXOSCALE_API_KEY: 'k', EXOSCALE_API_SECRET: 's' } },
};

/** The rows that are not in order, each with what would be done about it. */
export const faults = (rows: readonly Row[]) =>
  rows
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state, changes }) => [name, state, changes.map(({ kind }) => kind)]);
