import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Runner } from '../runner/runner.ts';
import { teardown } from './teardown.ts';

const root = join(import.meta.dirname, '../..');
/** Nothing is asked of it, and nobody else is asked either. */
const runner = {} as Runner;

test('what is wrong with a request is told at once: keys, confirmations and the folder', async () => {
  const request = {
    ...{ environment: 'staging', platformFile: join(root, 'platform.yaml'), directory: join(root, 'none') },
    ...{ confirm: 'stagign', recover: false, sweep: false, dryRun: false },
  };
  const error = await teardown(runner, request).then(
    () => undefined,
    (caught: Error) => caught,
  );
  expect(error?.message.split('\n')).toEqual([
    expect.stringMatching(/^Exoscale needs EXOSCALE_API_KEY and EXOSCALE_API_SECRET/),
    expect.stringMatching(/^Input "confirm" is "stagign"/),
    expect.stringMatching(/^Input "cloudflare-api-token" is missing/),
    expect.stringMatching(/^The folder ".*none" does not exist/),
  ]);
});
