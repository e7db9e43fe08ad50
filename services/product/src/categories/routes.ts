import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { adminOnly } from '../identity/guard.ts';
import { slug } from '../products/product.ts';
import type { App } from '../server/app.ts';
import { Problem, problems } from '../server/problem.ts';
import { exact, text } from '../server/validation.ts';

const foreignKeyViolation = '23503';

/** Below /products, so that the routes of the products are theirs too: anybody reads, administrators write. */
export function categoryRoutes(app: App, { db, verify }: Context): void {
  app.get(
    '/products/categories',
    {
      schema: {
        summary: 'Categories, and how many products are in each',
        tags: ['catalogue'],
        response: {
          200: Type.Object({
            categories: Type.Array(
              Type.Object({ slug: slug(), name: Type.String(), products: Type.Integer({ minimum: 0 }) }),
            ),
          }),
          ...problems(),
        },
      },
    },
    async (_, reply) => {
      reply.header('cache-control', 'no-cache');
      const categories = await db
        .selectFrom('product.categories as category')
        .leftJoin('product.products as product', join =>
          join.onRef('product.category', '=', 'category.slug').on('product.deleted_at', 'is', null),
        )
        .select(({ fn }) => ['category.slug', 'category.name', fn.count<number>('product.id').as('products')])
        .groupBy('category.slug')
        .orderBy('category.name')
        .execute();
      return { categories };
    },
  );

  app.put(
    '/products/categories/:slug',
    {
      schema: {
        summary: 'Add a category, or change its name',
        tags: ['administration'],
        params: exact({ slug: slug() }),
        body: exact({ name: text(1, 100) }),
        response: { 204: Type.Null(), ...problems(400, 401, 403, 404, 413, 415) },
      },
    },
    async (request, reply) => {
      await adminOnly(verify, request);
      const { name } = request.body;
      await db
        .insertInto('product.categories')
        .values({ slug: request.params.slug, name })
        .onConflict(conflict => conflict.column('slug').doUpdateSet({ name }))
        .execute();
      return reply.status(204).send(null);
    },
  );

  app.delete(
    '/products/categories/:slug',
    {
      schema: {
        summary: 'Remove a category that no product is in',
        tags: ['administration'],
        params: exact({ slug: slug() }),
        response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 415) },
      },
    },
    async (request, reply) => {
      await adminOnly(verify, request);
      const removed = await db
        .deleteFrom('product.categories')
        .where('slug', '=', request.params.slug)
        .returning('slug')
        .executeTakeFirst()
        .catch(error => {
          if (error.code !== foreignKeyViolation) throw error;
          throw new Problem(409, 'category-in-use', 'There are products in it.');
        });
      if (!removed) throw new Problem(404, 'not-found', 'There is no such category.');
      return reply.status(204).send(null);
    },
  );
}
