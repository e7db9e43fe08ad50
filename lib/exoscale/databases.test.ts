import { expect, test } from 'vitest';
import { findDatabase } from './databases.ts';

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
