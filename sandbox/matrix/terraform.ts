import { terraformWorld } from '../terraform-world.ts';
import { openGate } from './gate.ts';
import { quickly, type Subject, type World } from './world.ts';

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
    async state() {
      const { resources } = JSON.parse((await around.object('shop/staging.tfstate')) ?? '{}') as {
        resources?: { type: string; name: string; instances: { status?: string }[] }[];
      };
      const rest = ['staging.tfstate.tflock', 'staging.tfstate.errored', 'staging.unfinished'];
      return {
        account: around.exoscale.account,
        resources: resources?.map(({ type, name, instances }) => [
          `${type}.${name}`,
          instances.map(({ status = 'whole' }) => status),
        ]),
        left: await Promise.all(rest.map(each => around.object(`shop/${each}`))),
        github: await (await fetch(`${around.github.url}/_sandbox/state`)).json(),
      };
    },
    complaints: () => [...around.exoscale.complaints, ...around.github.complaints, ...around.egress.refused],
    async close() {
      await around[Symbol.asyncDispose]();
      await gate.close();
    },
  };
}
