import { Type } from 'typebox';
import { type Action, actions } from '../audit.ts';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { problems } from '../server/problem.ts';
import { exact, nullable, timestamp, uuid } from '../server/validation.ts';
import { adminOnly } from './guard.ts';
import { role } from './user.ts';

const entry = Type.Object({
  id: Type.Integer(),
  at: timestamp(),
  action: Type.Enum(actions),
  actor: nullable(uuid()),
  actorEmail: nullable(Type.String()),
  subject: nullable(uuid()),
  subjectEmail: nullable(Type.String()),
  role: Type.Union([role, Type.Null()], { description: 'What somebody became, where that is what happened' }),
  address: Type.String(),
});

export function auditLogRoutes(app: App, context: Context): void {
  const { db } = context;
  app.get(
    '/auth/audit-log',
    {
      schema: {
        summary: 'Who did what, the latest first',
        tags: ['administration'],
        querystring: exact({
          user: Type.Optional({ ...uuid(), description: 'Who did it, or to whom it was done' }),
          action: Type.Optional(Type.Enum(actions)),
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
          before: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 53 - 1 })),
        }),
        response: {
          200: Type.Object({ entries: Type.Array(entry), next: nullable(Type.Integer()) }),
          ...problems(400, 401, 403),
        },
      },
    },
    async request => {
      await adminOnly(context, request);
      const { user, action, limit, before } = request.query;
      const rows = await db
        .selectFrom('user_manager.audit_log as log')
        .leftJoin('user_manager.users as actor', 'actor.id', 'log.actor_id')
        .leftJoin('user_manager.users as subject', 'subject.id', 'log.subject_id')
        .selectAll('log')
        .select(['actor.email as actor_email', 'subject.email as subject_email'])
        .$if(user !== undefined, query =>
          query.where(each =>
            each.or([each('log.actor_id', '=', user ?? ''), each('log.subject_id', '=', user ?? '')]),
          ),
        )
        .$if(action !== undefined, query => query.where('log.action', '=', action ?? ''))
        .$if(before !== undefined, query => query.where('log.id', '<', before ?? 0))
        .orderBy('log.id', 'desc')
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit);
      const entries = page.map(row => ({
        id: row.id,
        at: row.at.toISOString(),
        action: row.action as Action,
        actor: row.actor_id,
        actorEmail: row.actor_email,
        subject: row.subject_id,
        subjectEmail: row.subject_email,
        role: row.role,
        address: row.address,
      }));
      return { entries, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
  );
}
