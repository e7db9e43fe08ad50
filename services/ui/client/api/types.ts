import type { paths as ProductPaths } from './product.d.ts';
import type { paths as UserPaths } from './user-manager.d.ts';

/* The shapes that pages speak of, by the names they use. The services' own documents say what is in them. */

type Json<Response> = Response extends { content: { 'application/json': infer Body } } ? Body : never;

type ProductPage = Json<ProductPaths['/products']['get']['responses'][200]>;
export type Product = ProductPage['products'][number];
export type Category = Json<
  ProductPaths['/products/categories']['get']['responses'][200]
>['categories'][number];
export type Order = Json<ProductPaths['/orders/{id}']['get']['responses'][200]>;
export type LedgerEntry = Json<ProductPaths['/stock-ledger']['get']['responses'][200]>['entries'][number];
export type ProductWrite =
  ProductPaths['/products/{id}']['put']['requestBody']['content']['application/json'];
export type Sort = ProductPaths['/products']['get']['parameters']['query']['sort'];

export type User = Json<UserPaths['/auth/me']['get']['responses'][200]>;
export type Session = Json<UserPaths['/auth/sessions']['get']['responses'][200]>['sessions'][number];
export type AuditEntry = Json<UserPaths['/auth/audit-log']['get']['responses'][200]>['entries'][number];
