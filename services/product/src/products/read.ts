import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact, text, uuid } from '../server/validation.ts';
import { sorts } from './cursor.ts';
import { etag, isKnown } from './etag.ts';
import { listProducts } from './list.ts';
import { product, slug, toProduct } from './product.ts';

const nullable = Type.Union([Type.String(), Type.Null()]);

export function readRoutes(app: App, context: Context): void {
  const { db, currency } = context;

  app.get(
    '/products',
    {
      schema: {
        summary: 'Products, a page at a time',
        tags: ['catalogue'],
        querystring: exact({
          q: Type.Optional(text(1, 200, { description: 'What to look for' })),
          category: Type.Optional(slug()),
          sort: Type.Enum(sorts, { default: 'newest' }),
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 24 }),
          cursor: Type.Optional(text(1, 2000, { description: 'Where the page before ended: its `next`' })),
        }),
        response: {
          200: Type.Object({ products: Type.Array(product), next: nullable }),
          ...problems(400),
        },
      },
    },
    async (request, reply) => {
      const { rows, next } = await listProducts(context, request.query);
      if (next) {
        const query = new URLSearchParams(request.query as unknown as Record<string, string>);
        query.set('cursor', next);
        reply.header('link', `</products?${query}>; rel="next"`);
      }
      reply.header('cache-control', 'no-cache');
      return { products: rows.map(row => toProduct(row, currency)), next };
    },
  );

  app.get(
    '/products/:id',
    {
      schema: {
        summary: 'A product',
        tags: ['catalogue'],
        params: exact({ id: uuid() }),
        headers: Type.Object({ 'if-none-match': Type.Optional(Type.String()) }),
        response: { 200: product, 304: Type.Null({ description: 'You have it already.' }), ...problems(404) },
      },
    },
    async (request, reply) => {
      const row = await db
        .selectFrom('product.products')
        .selectAll()
        .where('id', '=', request.params.id)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      if (!row) throw new Problem(404, 'not-found', 'There is no such product.');
      const tag = etag(row);
      reply.headers({ etag: tag, 'cache-control': 'no-cache' });
      if (isKnown(request.headers['if-none-match'], tag)) return reply.status(304).send(null);
      return toProduct(row, currency);
    },
  );
}
