import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type StandIn, standIn } from '../stand-in.ts';
import { authenticate, authorise, type Token } from './access.ts';
import { ApiError, errors, failure, success } from './errors.ts';
import { page, type Query, queries, select } from './list.ts';
import { type Batch, bodies, type DnsRecord, type RecordFields, type WholeRecord } from './record.ts';
import { zoneText } from './text.ts';
import { batch, create, newId, patch, plans, put, remove, transaction, type Zone } from './zone.ts';

export type { Token } from './access.ts';
export type { DnsRecord } from './record.ts';

export interface CloudflareOptions {
  zones: {
    name: string;
    plan?: keyof typeof plans;
    /** `active` unless told. */
    status?: Zone['status'];
    /** What other people have in the zone already. */
    records?: WholeRecord[];
  }[];
  /** The tokens that are let in; `[{ token: 'cloudflare-token' }]` unless told. */
  tokens?: Token[];
  /** How many requests a token has in five minutes; 1,200 unless told. */
  requests?: number;
  /** The most records that a page may hold; 5,000 unless told. */
  mostPerPage?: number;
}

export interface Cloudflare extends StandIn {
  zone(name: string): { id: string; records: DnsRecord[]; text: string };
}

/** Cloudflare's DNS: zones and their records. `GET /_sandbox/zones/<name>` shows a zone as a zone file. */
export async function cloudflare(options: CloudflareOptions): Promise<Cloudflare> {
  const zones = options.zones.map(({ name, plan = 'free', status = 'active', records = [] }) => {
    const zone: Zone = { id: newId(), name, plan: plans[plan], status, records: new Map() };
    transaction(zone, draft => {
      for (const record of records) create(draft, record);
    });
    return zone;
  });
  const named = (name: string): Zone => {
    const zone = zones.find(each => each.name === name);
    if (!zone)
      throw new Error(`This Cloudflare has no zone ${name}, but ${zones.map(each => each.name).join(', ')}`);
    return zone;
  };
  const server = await standIn({
    name: 'cloudflare',
    state: () =>
      zones.map(({ id, name, plan, records }) => ({
        id,
        name,
        plan: plan.name,
        records: [...records.values()],
      })),
    refusal: (status, sentence) => failure(status === 501 ? 7000 : 9207, sentence),
    async routes(app) {
      app.get('/_sandbox/zones/:name', async (request, reply) =>
        reply.type('text/plain').send(zoneText(named((request.params as { name: string }).name))),
      );
      // https://developers.cloudflare.com/fundamentals/reference/cdn-cgi-endpoint/
      app.get('/cdn-cgi/trace', async ({ ip }, reply) =>
        reply.type('text/plain').send(`h=api.cloudflare.com\nip=${ip}\nhttp=http/1.1\ntls=TLSv1.3\n`),
      );
      await app.register(api => routes(api, zones, options), { prefix: '/client/v4' });
    },
  });
  return {
    ...server,
    zone(name) {
      const zone = named(name);
      return { id: zone.id, records: [...zone.records.values()], text: zoneText(zone) };
    },
  };
}

async function routes(api: FastifyInstance, zones: Zone[], options: CloudflareOptions): Promise<void> {
  const tokens = options.tokens ?? [{ token: 'cloudflare-token' }];
  const mostPerPage = options.mostPerPage ?? 5000;
  authorise(api, tokens, zones, options.requests ?? 1200);

  api.setErrorHandler((error: Error, _request, reply) => {
    if (!(error instanceof ApiError)) throw error; // the stand-in's own handler complains
    return reply.code(error.status).send(failure(error.code, error.message, error.chain));
  });

  // https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
  api.get('/user/tokens/verify', async request => {
    const { status = 'active' } = authenticate(request, tokens);
    return success({ id: newId(), status });
  });

  // https://developers.cloudflare.com/api/resources/zones/methods/list/
  api.get('/zones', { schema: { querystring: queries.zones } }, async request => {
    const query = request.query as Query;
    const found = zones.filter(({ name }) => query.name === undefined || name === query.name);
    const { result, info } = page(found, query, 20, 50);
    const token = authenticate(request, tokens);
    return success(
      result.map(zone => shown(zone, token)),
      info,
    );
  });
  api.get('/zones/:zone', async request => success(shown(zoneOf(request), authenticate(request, tokens))));

  // https://developers.cloudflare.com/api/resources/dns/subresources/records/
  const records = '/zones/:zone/dns_records';
  api.get(records, { schema: { querystring: queries.records } }, async request => {
    const query = request.query as Query;
    const { result, info } = page(
      select([...zoneOf(request).records.values()], query),
      query,
      100,
      mostPerPage,
    );
    return success(result, info);
  });
  api.get(`${records}/export`, async (request, reply) =>
    reply.type('text/plain').send(zoneText(zoneOf(request))),
  );
  // https://developers.cloudflare.com/api/resources/dns/subresources/usage/subresources/zone/methods/get/
  api.get(`${records}/usage`, async request => {
    const { plan, records } = zoneOf(request);
    return success({ record_quota: plan.records, record_usage: records.size });
  });
  api.get(`${records}/:record`, async request => {
    const record = zoneOf(request).records.get(recordOf(request));
    if (!record) throw errors.noRecord();
    return success(record);
  });
  api.post(records, { schema: { body: bodies.whole } }, async request =>
    success(transaction(zoneOf(request), draft => create(draft, request.body as WholeRecord))),
  );
  api.patch(`${records}/:record`, { schema: { body: bodies.patch } }, async request =>
    success(
      transaction(zoneOf(request), draft => patch(draft, recordOf(request), request.body as RecordFields)),
    ),
  );
  api.put(`${records}/:record`, { schema: { body: bodies.whole } }, async request =>
    success(
      transaction(zoneOf(request), draft => put(draft, recordOf(request), request.body as WholeRecord)),
    ),
  );
  api.delete(`${records}/:record`, async request => {
    const { id } = transaction(zoneOf(request), draft => remove(draft, recordOf(request)));
    return success({ id });
  });
  api.post(`${records}/batch`, { schema: { body: bodies.batch } }, async request =>
    success(batch(zoneOf(request), request.body as Batch)),
  );

  function zoneOf(request: FastifyRequest): Zone {
    const { zone: id } = request.params as { zone: string };
    const zone = zones.find(each => each.id === id);
    if (!zone) throw errors.noRoute(request.url.split('?')[0] ?? '');
    return zone;
  }
}

function recordOf(request: FastifyRequest): string {
  const { record } = request.params as { record: string };
  if (!/^[0-9a-f]{32}$/.test(record)) throw errors.noRoute(request.url.split('?')[0] ?? '');
  return record;
}

const shown = ({ id, name, plan, status }: Zone, { may = 'edit' }: Token) => ({
  id,
  name,
  status,
  paused: false,
  type: 'full',
  development_mode: 0,
  name_servers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'],
  original_name_servers: null,
  created_on: '2026-01-01T00:00:00.000000Z',
  modified_on: '2026-01-01T00:00:00.000000Z',
  activated_on: status === 'active' ? '2026-01-01T00:00:00.000000Z' : null,
  account: { id: '0'.repeat(32), name: 'Acme' },
  owner: { id: null, type: 'user', email: null },
  permissions: [...(may === 'edit' ? ['#dns_records:edit'] : []), '#dns_records:read', '#zone:read'],
  plan: { id: '0'.repeat(32), name: plan.name, legacy_id: plan.legacy_id, legacy_discount: false, price: 0 },
  meta: { step: 2, custom_certificate_quota: 0, page_rule_quota: 3, phishing_detected: false },
});
