import { expect, test } from 'vitest';
import { UserError } from '../runner/errors.ts';
import { ensureDatabase, findDatabase } from './databases.ts';
import { Conflict, type Machine, ReplyLost, type Send } from './request.ts';

const service = { state: 'running', users: [{ username: 'shop' }], databases: ['shop'], 'ip-filter': [] };
const answering = (answer: object) => (async () => answer) as never;

test('a service is what Exoscale says of it', async () => {
  expect(await findDatabase(answering(service), 'shop-staging')).toMatchObject({
    ...{ state: 'running', users: ['shop'], databases: ['shop'], filter: [] },
  });
});

test.each(['users', 'databases', 'ip-filter'])(
  'an answer without %s is not one of a service without',
  async key => {
    const { [key as 'users']: _, ...rest } = service;
    await expect(findDatabase(answering(rest), 'shop-staging')).rejects.toThrow(
      `Exoscale tells no "${key}" of the database service shop-staging, which is running: run this again later`,
    );
  },
);

const port = { component: 'pg', usage: 'primary', route: 'dynamic', host: 'h', port: 5432 };
const running = { ...service, components: [port] };
const wanted = { user: 'shop', database: 'shop' };
const userPath = '/dbaas-postgres/shop-staging/user';
const revealPath = `${userPath}/shop/password/reveal`;

/** Gives each request its next answer; the last one stays. What is not in the table is the service. */
function playing(answers: Record<string, unknown[]>) {
  const waits: number[] = [];
  const calls: string[] = [];
  const send: Send = async <T>(method: string, path: string) => {
    calls.push(`${method} ${path}`);
    const own = answers[`${method} ${path}`] ?? [running];
    const answer = own.length > 1 ? own.shift() : own[0];
    if (answer instanceof Error) throw answer;
    return answer as T;
  };
  const machine = { sleep: async (time: number) => waits.push(time) } as unknown as Machine;
  const ensured = () => ensureDatabase(send, machine, 'shop-staging', wanted);
  return { ensured, waits, posts: () => calls.filter(call => call.startsWith('POST')).length };
}

test('who comes second to a database takes what the first one creates, as soon as it has a password', async () => {
  const { ensured, waits } = playing({
    'GET /dbaas-postgres/shop-staging': [{ ...running, users: [] }, running],
    [`POST ${userPath}`]: [new Conflict('User shop already exists')],
    [`GET ${revealPath}`]: [new Conflict('User shop is still being created'), { password: 'p' }],
    'GET /dbaas-ca-certificate': [{ certificate: 'c' }],
  });
  expect(await ensured()).toMatchObject({ user: 'shop', password: 'p', host: 'h', certificate: 'c' });
  expect(waits).toEqual([1000, 1000]);
});

test.each([
  [
    'a conflict',
    new Conflict('Exoscale refuses it: locked'),
    ' (last: Exoscale refuses it: locked): somebody else is changing this service; run this again in a few minutes',
  ],
  [
    'a lost answer',
    new ReplyLost('Lost'),
    ', and the last of three answers was lost: run this again in a few minutes',
  ],
])('%s that stays ends after three tries, with what to do next', async (_, error, end) => {
  const { ensured, posts } = playing({
    'GET /dbaas-postgres/shop-staging': [{ ...running, users: [] }],
    [`POST ${userPath}`]: [error],
  });
  await expect(ensured()).rejects.toThrow(
    new UserError(`Exoscale did not create the user shop in the database service shop-staging${end}`),
  );
  expect(posts()).toBe(3);
});

test('what is there after the third conflict is taken', async () => {
  const without = { ...running, users: [] };
  const { ensured, posts } = playing({
    'GET /dbaas-postgres/shop-staging': [without, without, without, running],
    [`POST ${userPath}`]: [new Conflict('locked')],
    [`GET ${revealPath}`]: [{ password: 'p' }],
    'GET /dbaas-ca-certificate': [{ certificate: 'c' }],
  });
  expect(await ensured()).toMatchObject({ password: 'p' });
  expect(posts()).toBe(3);
});

test('a password that does not come is said after ten looks, with what to do next', async () => {
  const { ensured, waits } = playing({
    [`GET ${revealPath}`]: [new Conflict('User shop is still being created')],
    'GET /dbaas-ca-certificate': [{ certificate: 'c' }],
  });
  await expect(ensured()).rejects.toThrow(
    'Exoscale did not tell the password of the user shop of the database service shop-staging (last: User shop is still being created): somebody else is changing this service; run this again in a few minutes',
  );
  expect(waits).toHaveLength(9);
});
