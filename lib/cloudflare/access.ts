import { UserError } from '../runner/errors.ts';
import { explain, isUserMistake } from './errors.ts';

/** A zone as a token sees it. https://developers.cloudflare.com/api/resources/zones/methods/list/ */
export interface ZoneAccess {
  name: string;
  /** `active` once the registrar names Cloudflare's name servers. */
  status: string;
  nameServers: string[];
  /** `#dns_records:edit` and its like; undefined when Cloudflare does not tell. */
  permissions: string[] | undefined;
}

export interface Access {
  /** Whether the token is `active`, `disabled` or `expired`; undefined for one of an account, which is verified elsewhere. */
  status(): Promise<string | undefined>;
  /** Undefined for a zone that the token does not see. */
  zone(name: string): Promise<ZoneAccess | undefined>;
}

/** What a token may do, without doing any of it. Every failure is a UserError. */
export function access(token: string): Access {
  const client = connect(token);

  async function read<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isUserMistake(error) && attempt < 3) continue;
        throw new UserError(`Could not ${what} at Cloudflare: ${explain(error)}`, undefined, {
          cause: error,
        });
      }
    }
  }

  return {
    status: () =>
      read('verify the token', async () => {
        const { user } = await client;
        return user.tokens.verify().then(
          ({ status }) => status,
          error => {
            // https://developers.cloudflare.com/fundamentals/api/get-started/account-owned-tokens/
            if (codes(error).includes(1000)) return undefined;
            throw error;
          },
        );
      }),
    zone: name =>
      read(`look for the zone ${name}`, async () => {
        const { result } = await (await client).zones.list({ name, per_page: 5 });
        const found = result.find(each => each.name === name);
        if (!found) return undefined;
        const { status = 'unknown', name_servers: nameServers, permissions } = found;
        return { name, status, nameServers: nameServers ?? [], permissions };
      }),
  };
}

const codes = (error: unknown): unknown[] =>
  ((error as { errors?: { code?: unknown }[] }).errors ?? []).map(each => each.code);

async function connect(apiToken: string) {
  const [{ createClient }, { BaseTokens }, { BaseZones }] = await Promise.all([
    import('cloudflare/tree-shakable'),
    import('cloudflare/resources/user/tokens/tokens'),
    import('cloudflare/resources/zones/zones'),
  ]);
  return createClient({
    resources: [BaseTokens, BaseZones],
    apiToken,
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    timeout: 30_000,
  });
}
