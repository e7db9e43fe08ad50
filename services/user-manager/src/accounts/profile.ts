import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { problems } from '../server/problem.ts';
import { exact } from '../server/validation.ts';
import { whoIs } from './guard.ts';
import { personName, toUser, user } from './user.ts';

export function profileRoutes(app: App, context: Context): void {
  const { db } = context;

  app.get(
    '/auth/me',
    {
      schema: { summary: 'Who I am', tags: ['accounts'], response: { 200: user, ...problems(401) } },
    },
    async request => {
      const { userId } = await whoIs(context, request);
      const row = await db
        .selectFrom('user_manager.users')
        .selectAll()
        .where('id', '=', userId)
        .executeTakeFirstOrThrow();
      return toUser(row);
    },
  );

  app.patch(
    '/auth/me',
    {
      schema: {
        summary: 'Change my name',
        tags: ['accounts'],
        body: exact({ name: personName() }),
        response: { 200: user, ...problems(400, 401, 403, 413, 415) },
      },
    },
    async request => {
      const { userId } = await whoIs(context, request);
      const row = await db
        .updateTable('user_manager.users')
        .set({ name: request.body.name })
        .where('id', '=', userId)
        .returningAll()
        .executeTakeFirstOrThrow();
      return toUser(row);
    },
  );
}
