import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { countRows } from './count-rows.ts';

const script = String.raw`--
SET client_encoding = 'UTF8';
COPY public.products (id, name) FROM stdin;
1	tea
2	COPY public.users (id) FROM stdin;
\.
COPY "Shop"."or""der (x)" ("a b", c) FROM stdin;
\\.
\.
COPY product.empty (id) FROM stdin;
\.
COPY public.bare  FROM stdin;

\.
SELECT pg_catalog.setval('public.products_id_seq', 2, true);
BEGIN;
SELECT pg_catalog.lo_open('16400', 131072);
SELECT pg_catalog.lowrite(0, '\x00');
COMMIT;
`;

test.each([1, 7, 10_000])('rows are counted by table, in pieces of %d bytes too', async length => {
  const bytes = Buffer.from(script);
  const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) =>
    bytes.subarray(at * length, (at + 1) * length),
  );
  expect(Object.fromEntries(await countRows(Readable.from(pieces)))).toEqual({
    'public.products': 2,
    '"Shop"."or""der (x)"': 1,
    'product.empty': 0,
    'public.bare': 1,
    'large objects': 1,
  });
});
