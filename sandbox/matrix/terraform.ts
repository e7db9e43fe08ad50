import { caller, settled } from '../exoscale/testing.ts';
import type { StepResult } from '../runner.ts';
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
  const step = asTold(around, action, cwd);
  return {
    gate,
    run: more =>
      step({
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

const stateKey = 'shop/staging.tfstate';
const besideIt = ['tflock', 'errored', 'unfinished'];

/** What Exoscale has, which of it Terraform knows as what, and what lies beside the state. */
export async function tfState({ object, exoscale }: Pick<TerraformWorld, 'object' | 'exoscale'>) {
  const { resources } = JSON.parse((await object(stateKey)) ?? '{}') as {
    resources?: { type: string; name: string; instances: Instance[] }[];
  };
  const beside = besideIt.map(async each => [each, (await object(`${stateKey}.${each}`)) ?? null]);
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

/**
 * Runs an action on a checkout, each time with what the run before has asked for in its error: a state that could not be
 * uploaded is kept, and is put back by a person's word and not by itself.
 */
export function asTold({ object, step }: TerraformWorld, action: string, cwd: string) {
  let isTold = false;
  return async (given: NonNullable<Parameters<typeof step>[2]>): Promise<StepResult> => {
    const isKept = (await object(`${stateKey}.errored`)) !== undefined;
    if (isKept && !isTold) throw new Error('a state is kept, and nobody was told how to put it back');
    const inputs = { ...given.inputs, ...(isKept && { recover: 'true' }) };
    const result = await step(action, cwd, { ...given, inputs });
    isTold = result.annotations.some(
      ({ level, message }) => level === 'error' && message.includes(`the input "recover" of ${action}`),
    );
    return result;
  };
}

/**
 * What is there, to begin other worlds with: an apply takes much longer. Of what runs behind a cluster it is only known that
 * it is there; behind a database of the same name there is something new.
 * @returns what makes it of a new world
 */
export async function keep({ object, exoscale }: TerraformWorld) {
  const account = structuredClone(exoscale.account);
  const keys = [stateKey, ...besideIt.map(each => `${stateKey}.${each}`)];
  const objects = await Promise.all(keys.map(async key => [key, await object(key)] as const));
  return async (other: TerraformWorld): Promise<void> => {
    const call = caller(other.exoscale.url, other);
    for (const { name, plan } of account.zones['ch-gva-2']?.databases ?? [])
      await settled(call, (await call('POST', `/dbaas-postgres/${name}`, { plan })).body.id);
    Object.assign(other.exoscale.account, structuredClone(account));
    for (const [key, body] of objects) if (body !== undefined) await other.object(key, body);
  };
}

interface Instance {
  index_key?: string | number;
  status?: string;
  attributes?: { id?: unknown };
}
