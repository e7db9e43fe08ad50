import { getOctokit } from '@actions/github';
import { expect, test } from 'vitest';
import { dnsWorld, ingressRoutes, route } from '../../scripts/testing/dns.ts';

const { api, dns, hub, server } = dnsWorld();

test('drift is told in an issue, which a look that fails leaves open, and no record is written', async () => {
  await api('POST', ingressRoutes, route('ui', 'Host(`shop.staging.example.com`)'));
  await dns();
  const token = hub().token('github-actions[bot]', { contents: 'read', issues: 'write' });
  const look = async (inputs: Record<string, string> = {}) => {
    const { code, log, requests, annotations } = await dns({
      ...{
        drift: 'true',
        'github-token': token,
        'exoscale-api-key': 'k',
        'exoscale-api-secret': 's',
        ...inputs,
      },
    });
    const { data } = await getOctokit(token, { baseUrl: hub().url }).rest.issues.listForRepo({
      ...{ owner: 'acme', repo: 'platform', state: 'all' },
    });
    expect(requests.filter(request => !request.startsWith('GET'))).toEqual([]);
    const last = log.split('\n').findLast(line => line.startsWith('DNS: '));
    return { code, last, annotations, issues: data.map(({ state, body }) => `${state} ${body}`) };
  };
  expect(await look()).toMatchObject({ code: 0, last: 'DNS: staging has not drifted', issues: [] });

  const record = server()
    .zone('example.com')
    .records.find(({ name }) => name === 'shop.staging.example.com');
  Object.assign(record ?? {}, { content: '198.51.100.9' });
  const { code, last, issues } = await look();
  expect({ code, last }).toEqual({
    ...{
      code: 0,
      last: expect.stringMatching(/^DNS: staging has drifted; issue #1 \(https:\S+\) is opened$/),
    },
  });
  expect(issues).toEqual([expect.stringMatching(/^open [\s\S]*198\.51\.100\.9 → 203\.0\.113\.10/)]);

  Object.assign(record ?? {}, { content: '203.0.113.10' });
  expect(await look({ kubeconfig: '', 'exoscale-api-secret': '', 'cloudflare-api-token': '' })).toMatchObject(
    {
      ...{ code: 1, issues },
      annotations: [
        {
          message: expect.stringMatching(
            /^A look for drift in staging needs EXOSCALE_API_SECRET, CLOUDFLARE_API_TOKEN in the environment .*staging-drift/,
          ),
        },
      ],
    },
  );
  expect(await look()).toMatchObject({
    last: expect.stringContaining('is closed, for nothing has drifted any more'),
    issues: [expect.stringMatching(/^closed /)],
  });
});
