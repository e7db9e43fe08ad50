import { UserError } from '../../lib/runner/errors.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { publishAll, type Shop, seedShop } from '../../sandbox/shop.ts';
import { bundles } from '../../sandbox/workflows/bundles.ts';
import { workflowRunner } from '../../sandbox/workflows/index.ts';
import { arrived } from './argocd.ts';
import { bringCertificates } from './certificates.ts';
import { comment, openPull, shortBody } from './comment.ts';
import { inTerminal } from './markdown.ts';
import { approve } from './review.ts';
import { type Followed, follow } from './runs.ts';
import { buildService } from './service.ts';
import { setUp } from './set-up.ts';
import { environments, width } from './story.ts';
import type { Timeline } from './timeline.ts';
import { visit } from './visit.ts';

/** Who is asked before a job enters this environment. */
const [reviewed, reviewer] = ['production', 'monalisa'];

/**
 * The same life with real nodes, and by the real workflows: here are only commits, merges and dispatches, and what they set
 * off is what the files in .github/workflows say.
 */
export async function fullStory(
  sandbox: Sandbox,
  line: Timeline,
  { teardown }: { teardown: boolean },
): Promise<void> {
  const { github, cloudflare } = sandbox;
  const zone = () => cloudflare.zone('example.com').text;
  const before = zone();

  line.chapter('A team copies the repository');
  const built = bundles(sandbox.run);
  built.catch(() => {}); // whoever waits for it tells
  const shop = await line.step('their repositories are on GitHub', () => seedShop(sandbox, { whole: true }));
  line.show(
    [shop.platform, ...Object.values(shop.services)].map(slug => `https://github.com/${slug}`).join('\n'),
  );
  const platform = github.repository(shop.platform);
  const { run, environment } = sandbox;
  github.runWorkflows(workflowRunner({ run, environment }));
  const review = reviews(sandbox, line, shop);
  const shown = async () =>
    `The comment on pull request #1:\n${inTerminal(await comment(sandbox, shop.platform, 1), width())}`;

  // Their own pipelines do this elsewhere, and take their time.
  const published = publishAll(sandbox, shop);
  published.catch(() => {}); // as above

  line.chapter('Their accounts are set up');
  line.show(await line.step('setup --apply', () => setUp(sandbox, shop, reviewer)));

  line.chapter('A pull request shows what its merge will do');
  await line.step('the actions are bundled', () => built);
  const plan = await line.step('pull request #1: the platform', async () => {
    await platform.commit({ branch: 'platform', files: shop.files, message: 'Describe the platform' });
    return follow(platform, 'plan.yml', () =>
      platform.openPullRequest({ head: 'platform', title: 'The platform' }),
    );
  });
  await line.step('plan: staging and production', say => plan.whole('plan', say));
  line.show(await shown());

  line.chapter('The merge is deployed');
  await line.step('the services are built', () => published);
  const deploy = await line.step('merged', () => follow(platform, 'deploy.yml', () => platform.merge(1)));
  line.show(before);
  const certificates = bringCertificates(sandbox, shop);
  certificates.catch(() => {}); // waited for below
  await deployed(sandbox, line, shop, deploy, review);
  await certificates;
  line.show(zone());
  line.show(await shown());

  line.chapter('Every morning somebody looks for drift');
  const drift = await follow(platform, 'drift.yml', () => platform.schedule('drift.yml'));
  const looks = await line.step('drift: staging and production', async say => [
    ...(await drift.whole('plan', say)),
    ...(await drift.whole('bootstrap', say)),
    ...(await drift.whole('dns', say)),
  ]);
  line.show(looks.join('\n'));

  line.chapter('A service is built, and its image promoted');
  await promotion(sandbox, line, shop, review);

  if (!teardown) return;
  line.chapter('A dispatch takes everything down');
  const down: Followed[] = [];
  for (const environment of environments) {
    const asked = { environment, confirm: environment, 'confirm-data': `${shop.name}-${environment}` };
    down.push(await follow(platform, 'teardown.yml', () => platform.dispatchWorkflow('teardown.yml', asked)));
  }
  const held = down[environments.indexOf(reviewed)];
  if (held) await review(held, 'teardown');
  const ended = await line.step(`teardown: ${environments.join(' and ')}`, say =>
    Promise.all(down.map(each => each.whole('teardown', say))),
  );
  line.show(ended.flat().join('\n'));
  line.show(`${zone()}${zone() === before ? 'The zone is as it was, byte for byte.' : ''}`);
}

type Review = (followed: Followed, job: string) => Promise<void>;

/** Waits until its environment holds a job, and lets it in as the reviewer does. */
const reviews =
  (sandbox: Sandbox, line: Timeline, { platform }: Shop): Review =>
  async (followed, job) => {
    const { run } = followed;
    await line.step(`${run.name} waits before ${reviewed}`, say => followed.held(job, say));
    line.show(`${reviewer} is asked: https://github.com/${platform}/actions/runs/${run.id}`);
    await line.step(`${reviewer} approves`, () => approve(sandbox, platform, run, reviewer));
  };

/** One environment after the other, each by one job with three actions; who is asked for production can have been to staging's shop. */
async function deployed(
  sandbox: Sandbox,
  line: Timeline,
  shop: Shop,
  deploy: Followed,
  review: Review,
): Promise<void> {
  for (const environment of environments) {
    if (environment === reviewed) await review(deploy, `${environment} / deploy`);
    for (const action of ['apply', 'bootstrap', 'dns']) {
      const done = await line.step(`${environment}: ${action}`, say =>
        deploy.step(`${environment} / deploy`, action, say),
      );
      line.show(done);
    }
    const domain = shop.domains[environment] ?? '';
    const visits = await line.step(`somebody comes to the shop in ${environment}`, () =>
      visit(sandbox, domain),
    );
    line.show(visits.map(({ asked, status }) => `${status}  ${asked}`).join('\n'));
  }
  await line.step('deploy has ended', say => deploy.whole('dns', say));
}

/** One image on its way: built, in staging by a commit, in production by a pull request and its merge. */
async function promotion(sandbox: Sandbox, line: Timeline, shop: Shop, review: Review): Promise<void> {
  const service = 'product';
  const platform = sandbox.github.repository(shop.platform);
  const build = await line.step(`${service} v0.2.0 is built`, () =>
    buildService(sandbox, shop, service, { tag: 'v0.2.0', note: 'Shelves hold more.' }),
  );
  const { image, revision } = build;
  const pin = `manifests/environments/staging/${service}.yaml`;
  const pinned = await platform.file(pin);
  const promote = await follow(platform, 'promote.yml', () =>
    platform.dispatch('image', { service, image, revision }),
  );
  await line.step('promote staging', say => promote.step('first', 'promote', say));
  line.show(changedLines(pinned, await platform.file(pin)));
  const staged = { say: (_: string) => {} };
  const inStaging = arrived(sandbox, shop, 'staging', service, revision, text => staged.say(text));
  inStaging.catch(() => {}); // waited for below
  await line.step('promote production', say => promote.whole('promote', say));
  const { number, body } = await openPull(sandbox, shop.platform);
  line.show(`Pull request #${number}\n${inTerminal(shortBody(body), width())}`);
  await line.step('Argo CD deploys it to staging', say => {
    staged.say = say;
    return inStaging;
  });

  const deploy = await line.step(`pull request #${number} is merged`, () =>
    follow(platform, 'deploy.yml', () => platform.merge(number)),
  );
  await line.step('Argo CD deploys it to production', say =>
    arrived(sandbox, shop, 'production', service, revision, say),
  );
  await review(deploy, `${reviewed} / deploy`);
  const ended = await line.step(`deploy: ${environments.join(' and ')}`, say =>
    deploy.whole('bootstrap', say),
  );
  line.show(ended.join('\n'));
}

/** The lines of a file that are other ones now. */
function changedLines(before = '', after = ''): string {
  const [was, is] = [before, after].map(text => text.split('\n')) as [string[], string[]];
  if (before === after)
    throw new UserError('The promotion to staging has changed nothing: look at the log of promote.yml');
  return [
    ...was.filter(text => !is.includes(text)).map(text => `- ${text.trim()}`),
    ...is.filter(text => !was.includes(text)).map(text => `+ ${text.trim()}`),
  ].join('\n');
}
