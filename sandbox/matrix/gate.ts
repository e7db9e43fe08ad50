import { parse, stringify } from 'yaml';
import { certificateAuthority } from '../certificates.ts';
import { type FaultProxy, faultProxy } from '../fault-proxy.ts';
import type { Asked, Effect } from '../faults.ts';

/** One request of an action, or of a program that it has started. */
export interface Call {
  /** `cloudflare POST /client/v4/zones/ID/dns_records/batch`: the same in every run, whatever was made up in it. */
  label: string;
  /** How many of this label came before it. */
  nth: number;
  /** Terraform's provider and its backend send most of an apply's calls, and are not ours to mend. */
  by: 'us' | 'terraform' | 'kubectl' | 'git';
  /** It asks for a change. */
  writes: boolean;
}

export type Point = Pick<Call, 'label' | 'nth'>;

/** Stands before every service of a world, counts what comes, and strikes at one call. */
export interface Gate {
  /** @param service what the labels begin with. @returns the address to go to instead of `target` */
  before(service: string, target: string): Promise<string>;
  /** @returns a kubeconfig for the same cluster that leads through the gate */
  beforeCluster(kubeconfig: string): Promise<string>;
  /** Since the last `begin`, in the order of arrival. */
  calls: readonly Call[];
  /** Counts anew. One effect may be told, for one call, and what is to be done when it has been met. */
  begin(strike?: { point: Point; effect: Effect; struck?: () => void }): void;
  /** Whether the call came that was to be struck. */
  hasStruck(): boolean;
  close(): Promise<void>;
}

export function openGate(): Gate {
  const proxies: FaultProxy[] = [];
  const calls: Call[] = [];
  let strike: Parameters<Gate['begin']>[0];
  let hasStruck = false;

  const decide = (service: string) => (asked: Asked) => {
    const label = `${service} ${labelOf(asked)}`;
    const nth = calls.filter(each => each.label === label).length;
    calls.push({ label, nth, by: byWhom(asked), writes: isWrite(asked) });
    if (hasStruck || strike?.point.label !== label || strike.point.nth !== nth) return undefined;
    hasStruck = true;
    return strike.effect;
  };
  const struck = () => strike?.struck?.();

  async function open(...[target, options]: Parameters<typeof faultProxy>): Promise<string> {
    const proxy = await faultProxy(target, options);
    proxies.push(proxy);
    return proxy.url;
  }

  return {
    calls,
    before: (service, target) => open(target, { decide: decide(service), struck }),
    async beforeCluster(kubeconfig) {
      const config = parse(kubeconfig) as Kubeconfig;
      const [{ cluster }, { user }] = [config.clusters[0], config.users[0]];
      const authority = await certificateAuthority('Slipway sandbox: gate');
      const tls = {
        own: await authority.server(['127.0.0.1']),
        client: {
          certificate: text(user['client-certificate-data']),
          key: text(user['client-key-data']),
        },
        ca: text(cluster['certificate-authority-data']),
      };
      cluster.server = await open(cluster.server, { decide: decide('kubernetes'), struck, tls });
      cluster['certificate-authority-data'] = Buffer.from(authority.certificate).toString('base64');
      return stringify(config);
    },
    begin(wanted) {
      calls.length = 0;
      strike = wanted;
      hasStruck = false;
    },
    hasStruck: () => hasStruck,
    async close() {
      await Promise.all(proxies.map(each => each.close()));
    },
  };
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
}

const text = (base64: string) => Buffer.from(base64, 'base64').toString();

/** Ids, commits and whatever else a run makes up; and in a query only its keys. */
export const madeUp =
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{40}\b|\b[0-9a-f]{32}\b/g;

function labelOf({ method, url, body }: Asked): string {
  const [path = '', query = ''] = url.split('?');
  const keys = [...new URLSearchParams(query).keys()].join('&');
  const where = `${path.replace(madeUp, 'ID').replace(/\/\d+(?=\/|$)/g, '/N')}${keys && `?${keys}`}`;
  return `${method} ${where}${path === '/graphql' ? ` ${operation(String(body))}` : ''}`;
}

/** What a GraphQL request is about: its kind and the fields that it asks for first. */
function operation(body: string): string {
  const { query = '' } = JSON.parse(body) as { query?: string };
  const [, mutation] = /^\s*mutation[^{]*\{\s*(?:\w+:\s*)?(\w+)/.exec(query) ?? [];
  if (mutation) return mutation;
  const known = [
    'compare',
    'history',
    'comments',
    'pullRequests',
    'object',
    'deployments',
    'issues',
    'viewer',
  ];
  return `query ${known.filter(each => new RegExp(`\\b${each}\\b`).test(query)).join(' ')}`;
}

function byWhom({ headers }: Asked): Call['by'] {
  const agent = String(headers['user-agent']);
  if (/terraform/i.test(agent)) return 'terraform';
  if (/^git\//.test(agent)) return 'git';
  return /^kubectl/.test(agent) ? 'kubectl' : 'us';
}

const isWrite = ({ method, url, body }: Asked): boolean =>
  url === '/graphql'
    ? /"query":"\s*mutation/.test(String(body))
    : !['GET', 'HEAD', 'OPTIONS'].includes(method) && !/[?&]dryRun=|\/git-upload-pack$/.test(url);
