import { expect, test } from 'vitest';
import type { Runner } from '../runner/runner.ts';
import { type DnsRequest, reconcile } from './reconcile.ts';

const request: DnsRequest = {
  ...{ platformFile: 'platform.yaml', owner: 'shop', zones: 'example.com', sources: 'ingress', ttl: '1' },
  ...{ proxied: false, adopt: false, allowDeletes: false, dryRun: false, status: false, drift: false },
};

test.each<[Partial<DnsRequest>, string]>([
  [{}, 'edit'],
  [{ dryRun: true }, 'read'],
  [{ status: true }, 'read'],
])('with %j a token is asked for that may %s', async (more, right) => {
  await expect(reconcile({} as Runner, { ...request, ...more })).rejects.toThrow(
    `Input "cloudflare-api-token" is missing: give a Cloudflare API token that may ${right} the DNS of the zones`,
  );
});
