import { getOctokit } from '@actions/github';
import { expect, test } from 'vitest';
import { succeeded } from './deployment.ts';

const runUrl = 'https://github.com/acme/shop/actions/runs/1';

/** What is written to a record of this run whose latest status is `state`. */
async function written(state: string | undefined): Promise<unknown[]> {
  const writes: unknown[] = [];
  const json = (content: unknown) => Response.json(content);
  const fetch = async (url: string, { method, body }: { method: string; body?: string }) => {
    if (method === 'POST') writes.push((JSON.parse(body ?? '') as { state: unknown }).state);
    if (method === 'POST') return json({});
    return json(
      url.includes('/statuses') ? (state ? [{ state }] : []) : [{ id: 7, payload: { run: runUrl } }],
    );
  };
  const octokit = getOctokit('token', { request: { fetch } });
  const place = { repository: 'acme/shop', sha: 'one', environment: 'staging' };
  await succeeded(octokit, { ...place, runUrl, description: 'Nothing is left to do' });
  return writes;
}

test.each(['in_progress', 'failure', 'error', 'queued', 'pending', undefined])(
  'what is left at %s has succeeded when all is done',
  async state => expect(await written(state)).toEqual(['success']),
);

test.each(['success', 'inactive'])('what is %s has succeeded before, and nothing is written', async state =>
  expect(await written(state)).toEqual([]),
);
