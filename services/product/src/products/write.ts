import type { FastifyReply } from 'fastify';
import { type Selectable, sql, type Updateable } from 'kysely';
import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { adminOnly } from '../identity/guard.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { uuidv7 } from '../server/uuid.ts';
import { exact, uuid } from '../server/validation.ts';
import type { Products } from '../tables.ts';
import { allowedVersions, etag } from './etag.ts';
import { maximumStock, product, toColumns, toProduct, writable } from './product.ts';

const { name, description, category, priceMinor, imageUrl } = writable;
const params = exact({ id: uuid() });
const headers = Type.Object({
  'if-match': Type.Optional(Type.String({ description: 'The ETag of what is changed' })),
});
const changing = problems(400, 401, 403, 404, 412, 413, 415, 428);

export function writeRoutes(app: App, { db, verify, currency }: Context): void {
  app.post(
    '/products',
    {
      schema: {
        summary: 'Add a product',
        tags: ['administration'],
        body: exact({
          name,
          priceMinor,
          description: Type.Optional(description),
          category: Type.Optional(category),
          imageUrl: Type.Optional(imageUrl),
          stock: Type.Integer({ minimum: 0, maximum: maximumStock, default: 0 }),
        }),
        response: { 201: product, ...problems(400, 401, 403, 413, 415) },
      },
    },
    async (request, reply) => {
      const { userId } = await adminOnly(verify, request);
      const { body } = request;
      const row = await knownCategory(
        db.transaction().execute(async transaction => {
          const created = await transaction
            .insertInto('product.products')
            .values({
              id: uuidv7(),
              name: body.name,
              description: body.description ?? '',
              category: body.category ?? null,
              price_minor: body.priceMinor,
              image_url: body.imageUrl ?? null,
              stock: body.stock,
            })
            .returningAll()
            .executeTakeFirstOrThrow();
          if (body.stock > 0)
            await transaction
              .insertInto('product.stock_ledger')
              .values({ product_id: created.id, delta: body.stock, reason: 'first stock', actor_id: userId })
              .execute();
          return created;
        }),
      );
      reply.status(201).header('location', `/products/${row.id}`);
      return answer(row, reply);
    },
  );

  app.patch(
    '/products/:id',
    {
      schema: {
        summary: 'Change some of a product',
        tags: ['administration'],
        params,
        headers,
        body: Type.Object(
          {
            name: Type.Optional(name),
            description: Type.Optional(description),
            category: Type.Optional(category),
            priceMinor: Type.Optional(priceMinor),
            imageUrl: Type.Optional(imageUrl),
          },
          { additionalProperties: false, minProperties: 1 },
        ),
        response: { 200: product, ...changing },
      },
    },
    async (request, reply) => {
      await adminOnly(verify, request);
      const row = await change(request.params.id, request.headers['if-match'], toColumns(request.body));
      return answer(row, reply);
    },
  );

  app.put(
    '/products/:id',
    {
      schema: {
        summary: 'Write a product anew; its stock stays',
        tags: ['administration'],
        params,
        headers,
        body: exact(writable),
        response: { 200: product, ...changing },
      },
    },
    async (request, reply) => {
      await adminOnly(verify, request);
      const row = await change(request.params.id, request.headers['if-match'], toColumns(request.body));
      return answer(row, reply);
    },
  );

  app.delete(
    '/products/:id',
    {
      schema: {
        summary: 'Take a product off the shelves; orders keep it',
        tags: ['administration'],
        params,
        headers,
        response: { 204: Type.Null(), ...problems(401, 403, 404, 412, 415, 428) },
      },
    },
    async (request, reply) => {
      await adminOnly(verify, request);
      await change(request.params.id, request.headers['if-match'], {
        deleted_at: new Date(),
        category: null,
      });
      return reply.status(204).send(null);
    },
  );

  function answer(row: Selectable<Products>, reply: FastifyReply) {
    reply.header('etag', etag(row));
    return toProduct(row, currency);
  }

  async function change(
    id: string,
    ifMatch: string | undefined,
    columns: Updateable<Products>,
  ): Promise<Selectable<Products>> {
    const versions = allowedVersions(ifMatch);
    const changed = await knownCategory(
      db
        .updateTable('product.products')
        .set({ ...columns, version: sql<number>`version + 1`, updated_at: sql<Date>`now()` })
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .$if(versions !== undefined, query => query.where(sql<boolean>`version = ANY(${versions}::int[])`))
        .returningAll()
        .executeTakeFirst(),
    );
    if (changed) return changed;
    const there = await db
      .selectFrom('product.products')
      .select('id')
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    throw there
      ? new Problem(412, 'stale', 'Somebody else has changed it meanwhile. Fetch it again.')
      : new Problem(404, 'not-found', 'There is no such product.');
  }
}

const foreignKeyViolation = '23503';

async function knownCategory<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if ((error as { code?: string }).code !== foreignKeyViolation) throw error;
    throw new Problem(400, 'unknown-category', 'There is no such category.');
  }
}
