import type { StepResult } from '../../sandbox/runner.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Shop, seedShop } from '../../sandbox/shop.ts';
import { arrived } from './argocd.ts';
import { comment, openPull, shortBody } from './comment.ts';
import { type Jobs, jobs } from './jobs.ts';
import { inTerminal } from './markdown.ts';
import { buildService } from './service.ts';
import type { Timeline } from './timeline.ts';

export const environments = ['staging', 'production'];

/** How wide something may be that the timeline shows. */
export const width = (): number => Math.min(process.stdout.columns ?? 100, 120) - 9;

/** A platform's whole life, each step a job on the sandbox's GitHub, as the workflows of this repository have it. */
export async function story(
  sandbox: Sandbox,
  line: Timeline,
  { teardown }: { teardown: boolean },
): Promise<void> {
  const { github, cloudflare } = sandbox;

  line.chapter('A team copies the repository');
  const shop = await line.step('their repositories are on GitHub', () => seedShop(sandbox));
  line.show(
    [shop.platform, ...Object.values(shop.services)].map(slug => `https://github.com/${slug}`).join('\n'),
  );
  const platform = github.repository(shop.platform);
  const job = jobs(sandbox, shop.platform);
  const zone = () => cloudflare.zone('example.com').text;
  const before = zone();

  line.chapter('A pull request shows what its merge will do');
  const pullRequest = await line.step('pull request #1: the platform', async () => {
    await platform.commit({ branch: 'platform', files: shop.files, message: 'Describe the platform' });
    return platform.openPullRequest({ head: 'platform', title: 'The platform' });
  });
  await everywhere(line, job, 'plan', { ref: 'platform', pullRequest });
  const shown = async () =>
    `The comment on pull request #${pullRequest}:\n${inTerminal(await comment(sandbox, shop.platform, pullRequest), width())}`;
  line.show(await shown());

  line.chapter('The merge is applied');
  await line.step('merged', () => platform.merge(pullRequest));
  await everywhere(line, job, 'apply').then(outcome => line.show(outcome));
  line.show(await shown());
  await everywhere(line, job, 'plan', { title: 'plan again' }).then(outcome => line.show(outcome));

  line.chapter('Argo CD takes over');
  const until = 'applications';
  await everywhere(line, job, 'bootstrap', { inputs: () => ({ until }) }).then(outcome => line.show(outcome));

  line.chapter('DNS follows the ingress hosts');
  line.show(before);
  await everywhere(line, job, 'dns').then(outcome => line.show(outcome));
  line.show(zone());

  line.chapter('A service is built, and its image promoted');
  await promotion(sandbox, line, job, shop);

  if (!teardown) return;
  line.chapter('A dispatch takes everything down');
  await everywhere(line, job, 'teardown', {
    inputs: environment => ({ confirm: environment, 'confirm-data': `shop-${environment}` }),
  }).then(outcome => line.show(outcome));
  line.show(`${zone()}${zone() === before ? 'The zone is as it was, byte for byte.' : ''}`);
}

/** One image on its way: built, in staging by a commit, in production by a pull request and its merge. */
async function promotion(sandbox: Sandbox, line: Timeline, job: Jobs, shop: Shop): Promise<void> {
  const service = 'product';
  const platform = sandbox.github.repository(shop.platform);
  const build = await line.step(`${service} v0.2.0 is built`, () =>
    buildService(sandbox, shop, service, { tag: 'v0.2.0', note: 'Shelves hold more.' }),
  );
  const announced = { service, image: build.image, revision: build.revision };
  const toStaging = await line.step('promote staging', say =>
    job({ action: 'promote', inputs: { environment: 'staging', ...announced }, say }),
  );
  line.show(toStaging.outputs.diff ?? '');
  await line.step('Argo CD deploys it to staging', say =>
    arrived(sandbox, shop, 'staging', service, build.revision, say),
  );

  const toProduction = await line.step('promote production', say =>
    job({ action: 'promote', inputs: { environment: 'production' }, say }),
  );
  const number = Number(toProduction.outputs['pull-request']);
  const { body } = await openPull(sandbox, shop.platform);
  line.show(`Pull request #${number}\n${inTerminal(shortBody(body), width())}`);
  await line.step(`pull request #${number} is merged`, () => platform.merge(number));
  await line.step('Argo CD deploys it to production', say =>
    arrived(sandbox, shop, 'production', service, build.revision, say),
  );
}

interface Everywhere {
  title?: string;
  ref?: string;
  pullRequest?: number;
  inputs?: (environment: string) => Record<string, string>;
}

/** One job an environment, side by side as in the workflows' matrix. Returns the last line of each. */
async function everywhere(
  line: Timeline,
  job: Jobs,
  action: string,
  options: Everywhere = {},
): Promise<string> {
  const { title = action, inputs, ...rest } = options;
  const results = await line.step(`${title}: ${environments.join(' and ')}`, say =>
    Promise.all(
      environments.map(environment =>
        job({
          action,
          inputs: { environment, ...inputs?.(environment) },
          say: text => say(`${environment}: ${text}`),
          ...rest,
        }),
      ),
    ),
  );
  return results.map(closing).join('\n');
}

/** The last line that a job printed: what it did, in one sentence. */
const closing = ({ log }: StepResult): string => log.trimEnd().split('\n').at(-1) ?? '';
