import { expect, test } from 'vitest';
import { ensureDatabase, findDatabase } from './databases.ts';
import { Conflict, type Machine, type Send } from './request.ts';

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

test('who comes second to a database takes what the first one creates, as soon as it has a password', async () => {
  const port = { component: 'pg', usage: 'primary', route: 'dynamic', host: 'h', port: 5432 };
  const answers: Record<string, unknown[]> = {
    'GET /dbaas-postgres/shop-staging': [{ ...service, users: [], components: [port] }],
    'POST /dbaas-postgres/shop-staging/user': [new Conflict('User shop already exists')],
    'GET /dbaas-postgres/shop-staging/user/shop/password/reveal': [
      new Conflict('User shop is still being created'),
      { password: 'p' },
    ],
    'GET /dbaas-ca-certificate': [{ certificate: 'c' }, { certificate: 'c' }],
  };
  const send: Send = async <T>(method: string, path: string) => {
    const answer = answers[`${method} ${path}`]?.shift() ?? { ...service, components: [port] };
    if (answer instanceof Error) throw answer;
    return answer as T;
  };
  const waits: number[] = [];
  const machine = { sleep: async (time: number) => waits.push(time) } as unknown as Machine;
  const wanted = { user: 'shop', database: 'shop' };
  expect(await ensureDatabase(send, machine, 'shop-staging', wanted)).toMatchObject({
    ...{ user: 'shop', password: 'p', host: 'h', certificate: 'c' },
  });
  expect(waits).toEqual([1000, 1000]);
});
