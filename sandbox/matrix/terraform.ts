import { type TerraformWorld, terraformWorld } from '../terraform-world.ts';
import { openGate } from './gate.ts';
import { githubState, quickly, type Subject, type World } from './world.ts';

/** The first plan of an environment, shown on a pull request. */
export const plan = async (): Promise<Subject> => ({
  close: async () => {},
  open: () => world('plan'),
});

/** An environment is made from nothing. */
export const apply = async (): Promise<Subject> => ({
  close: async () => {},
  open: () => world('apply'),
});

async function world(action: 'plan' | 'apply'): Promise<World> {
  const gate = openGate();
  const around = await terraformWorld({ before: gate.before, environment: quickly });
  const cwd = await around.checkout('shop');
  await around.github.seed({ 'acme/platform': cwd });
  const people = around.github.repository('acme/platform');
  const sha = await people.commit({ files: { note: 'one' }, message: 'One', branch: 'topic' });
  const number = await people.openPullRequest({ head: 'topic', title: 'Change' });
  const head = { pull_request: { number, head: { sha } } };
  const github =
    action === 'plan'
      ? { event: 'pull_request', payload: head }
      : { event: 'push', sha: (await people.head()) ?? '' };
  return {
    gate,
    run: more =>
      around.step(action, cwd, {
        inputs: { 'github-token': around.github.token('github-actions[bot]') },
        github,
        ...more,
      }),
    state: async () => ({
      ...(await tfState(around)),
      github: await githubState(around.github.url),
    }),
    complaints: () => [...around.exoscale.complaints, ...around.github.complaints, ...around.egress.refused],
    async close() {
      await around[Symbol.asyncDispose]();
      await gate.close();
    },
  };
}

/** What Exoscale has, which of it Terraform knows as what, and what lies beside the state. */
export async function tfState({ object, exoscale }: Pick<TerraformWorld, 'object' | 'exoscale'>) {
  const { resources } = JSON.parse((await object('shop/staging.tfstate')) ?? '{}') as {
    resources?: { type: string; name: string; instances: Instance[] }[];
  };
  const beside = ['tflock', 'errored', 'unfinished'].map(async each => [
    each,
    (await object(`shop/staging.tfstate.${each}`)) ?? null,
  ]);
  return {
    account: exoscale.account,
    resources: resources?.map(({ type, name, instances }) => ({
      address: `${type}.${name}`,
      instances: instances.map(({ index_key: key, status = 'whole', attributes }) => ({
        ...{ key, status, id: attributes?.id },
      })),
    })),
    beside: Object.fromEntries(await Promise.all(beside)),
  };
}

interface Instance {
  index_key?: string | number;
  status?: string;
  attributes?: { id?: unknown };
}
