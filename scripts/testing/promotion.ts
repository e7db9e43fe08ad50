import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promote } from '../../lib/promotion/promote.ts';
import type { PromoteRequest } from '../../lib/promotion/request.ts';
import type { Runner } from '../../lib/runner/runner.ts';
import { imageAt, type PinnedPlatform, pinFile, pinnedPlatform } from '../../sandbox/github/pins.ts';
import { testHub } from '../../sandbox/github/testing.ts';

export type PromotionHub = Awaited<ReturnType<typeof promotionHub>>;

/** The sandbox's GitHub with platforms' repositories, and promotions in them, in this process. */
export async function promotionHub(platform: PinnedPlatform) {
  const hub = await testHub(pinnedPlatform(platform));

  /** A repository of its own, and the action's work in it, as octocat's runs do it. */
  async function shop(wanted: string) {
    const { people, slug, octokit, place } = await hub.seeded(wanted);
    const platformFile = join(hub.run.folder, `${place.repo}.yaml`);
    await writeFile(platformFile, pinnedPlatform({ ...platform, slug })['platform.yaml'] ?? '');
    let run = 0;

    /** @param again the run before is run again */
    async function go(request: Partial<PromoteRequest>, again = false) {
      if (!again) run++;
      const said: string[] = [];
      const tell = (message: string) => void said.push(message);
      let summary = '';
      const runner: Partial<Runner> = {
        context: {
          ...{ actor: 'octocat', event: 'push', runUrl: `https://github.com/${slug}/actions/runs/${run}` },
        },
        ...{ info: tell, warning: tell, notice: tell, octokit: async () => octokit },
        async summary(markdown) {
          summary += markdown;
        },
      };
      const before = hub.server.requests.length;
      const done = await promote(runner as Runner, {
        ...{
          environment: 'production',
          platformFile,
          githubToken: 'given',
          dryRun: false,
          downgrade: false,
          ...request,
        },
      });
      const requests = hub.server.requests.slice(before);
      return { ...done, said: said.join('\n'), summary, requests, writes: hub.writes(before).length };
    }

    return {
      ...{ people, slug, octokit, place, go },
      /** What a service's build says. */
      announce: (version: string, service = 'product', more: Partial<PromoteRequest> = {}) =>
        go({
          environment: 'staging',
          service,
          image: imageAt(service, version),
          revision: version,
          ...more,
        }),
      /** The revision that a service is pinned to. */
      async version(environment: string, service = 'product', revision?: string) {
        const text = (await people.file(pinFile(environment, service), revision)) ?? '';
        return /targetRevision: '(.*?)'/.exec(text)?.[1];
      },
      async pulls(state: 'open' | 'closed' = 'open') {
        const { data } = await octokit.rest.pulls.list({ ...place, state, per_page: 100 });
        return data.map(({ number, title, body, head }) => ({
          number,
          title,
          body: body ?? '',
          branch: head.ref,
        }));
      },
      async deployments() {
        const { data } = await octokit.rest.repos.listDeployments(place);
        return data.map(({ environment, description, sha }) => ({ environment, description, sha }));
      },
    };
  }

  return { ...hub, shop };
}

/** With each way of promoting. */
export const flowHub = (): Promise<PromotionHub> =>
  promotionHub({
    services: ['ui', 'product'],
    environments: {
      staging: undefined,
      production: '{ from: staging, by: pull-request }',
      canary: '{ from: staging, by: commit }',
      apart: '{ from: staging, by: pull-request, services: apart }',
    },
  });
