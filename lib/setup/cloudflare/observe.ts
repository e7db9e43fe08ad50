import { access, type ZoneAccess } from '../../cloudflare/access.ts';
import { dnsZones } from '../../platform/platform.ts';
import { type Reading, reading } from '../row.ts';
import { demandsFor, given, sources, type Wish } from '../wish.ts';
import type { Demand } from '../workflows.ts';

export interface TokenWorld {
  /** Those that are to get this token. */
  environments: string[];
  /** Nothing is written with it, and it need not be able to. */
  looksOnly: boolean;
  status: Reading<string | undefined>;
  /** By the names in platform.yaml. */
  zones: Map<string, Reading<ZoneAccess | undefined>>;
}

export interface CloudflareWorld {
  tokens: TokenWorld[];
  unset: { environments: string[]; variable: string }[];
}

export const secretName = 'CLOUDFLARE_API_TOKEN';

/** Each token once, however many environments get it. */
export async function observeCloudflare(wish: Wish): Promise<CloudflareWorld> {
  const tokens = new Map<string, Demand[]>();
  const unset = new Map<string, string[]>();
  for (const demand of demandsFor(wish, secretName)) {
    const { environment } = demand;
    const value = given(wish, environment, secretName)?.value;
    const variable = sources(wish, environment, secretName)[1];
    if (value === undefined) unset.set(variable, [...(unset.get(variable) ?? []), environment]);
    else tokens.set(value, [...(tokens.get(value) ?? []), demand]);
  }
  const names = dnsZones(wish.platform.dns);
  const worlds = [...tokens].map(async ([token, demands]): Promise<TokenWorld> => {
    const own = access(token);
    const [status, zones] = await Promise.all([
      reading(() => own.status()),
      Promise.all(names.map(async name => [name, await reading(() => own.zone(name))] as const)),
    ]);
    const environments = demands.map(({ environment }) => environment);
    const looksOnly = demands.every(each => each.looksOnly);
    return { environments, looksOnly, status, zones: new Map(zones) };
  });
  return {
    tokens: await Promise.all(worlds),
    unset: [...unset].map(([variable, environments]) => ({ variable, environments })),
  };
}
