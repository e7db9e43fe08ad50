import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/* The cluster's routes for a Traefik without a cluster: the same objects, read from the same files, for its file provider. */

interface Kubernetes {
  kind: string;
  metadata: { name: string };
  spec: Record<string, unknown>;
}
interface Route {
  match: string;
  priority?: number;
  middlewares?: { name: string }[];
  services: { name: string }[];
}

interface Pod {
  spec: { containers: { env?: { name: string; value?: string }[] }[] };
}

export interface Place {
  /** `{ ui: 'shop.example.localhost', … }` */
  hosts: Record<string, string>;
  /** Where each service listens: `{ ui: 'http://127.0.0.1:20001', … }` */
  services: Record<string, string>;
  /** What a browser opens, as `cors` has to know it. */
  shopOrigin: string;
}

/**
 * The dynamic configuration of Traefik's file provider, from the platform's Middlewares and the services' IngressRoutes.
 * What an environment's patches put in is put in here: the hosts, and the shop's address.
 * https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/file/
 */
export function routes(root: string, place: Place): object {
  const middlewares = [
    ...kinds(root, 'manifests/platform/shop/middlewares.yaml', 'Middleware').map(
      one => ['shop', one] as const,
    ),
    ...kinds(root, 'manifests/platform/traefik/*.yaml', 'Middleware').map(one => ['traefik', one] as const),
  ].map(([namespace, { metadata, spec }]) => [`${namespace}-${metadata.name}`, here(spec, place)] as const);

  const routers = Object.keys(place.services).flatMap(service =>
    kinds(root, `services/${service}/deploy/ingressroute.yaml`, 'IngressRoute').flatMap(
      ({ metadata, spec }) =>
        (spec.routes as Route[]).map(
          ({ match, priority, middlewares = [], services }, index) =>
            [
              `shop-${metadata.name}-${index}`,
              {
                rule: match.replace(/Host\(`[^`]*`\)/g, `Host(\`${place.hosts[service]}\`)`),
                entryPoints: spec.entryPoints,
                middlewares: middlewares.map(({ name }) => `shop-${name}`),
                service: services[0]?.name,
                ...(priority && { priority }),
              },
            ] as const,
        ),
    ),
  );
  return {
    http: {
      middlewares: Object.fromEntries(middlewares),
      routers: Object.fromEntries(routers),
      services: Object.fromEntries(
        Object.entries(place.services).map(([name, url]) => [name, { loadBalancer: { servers: [{ url }] } }]),
      ),
    },
  };
}

/** Names of the cluster become addresses of this machine, and the UI's placeholder its origin. */
function here(spec: Record<string, unknown>, { services, shopOrigin }: Place): unknown {
  return JSON.parse(JSON.stringify(spec), (key, value) => {
    if (key === 'accessControlAllowOriginList') return [shopOrigin];
    const [, name = '', rest = ''] =
      /^http:\/\/([a-z-]+)\.shop\.svc\.cluster\.local(.*)$/.exec(typeof value === 'string' ? value : '') ??
      [];
    return services[name] ? services[name] + rest : value;
  });
}

/**
 * The arguments of Traefik's Deployment that mean the same without a cluster; its one door takes requests as they come,
 * since who serves a laptop has no certificate.
 */
export function traefikArguments(
  root: string,
  { address, file }: { address: string; file: string },
): string[] {
  const [deployment] = kinds(root, 'manifests/platform/traefik/deployment.yaml', 'Deployment');
  const pod = deployment?.spec as {
    template: { spec: { containers: { args: string[] }[] } };
  };
  const elsewhere =
    /^--(providers|ping|metrics|accesslog|entrypoints\.(web|traefik|metrics)\.|entrypoints\.websecure\.(address|http\.tls))/;
  return [
    ...(pod.template.spec.containers[0]?.args ?? [])
      .filter(argument => !elsewhere.test(argument))
      .map(argument => argument.replaceAll('@kubernetescrd', '@file')),
    `--entrypoints.websecure.address=${address}`,
    `--providers.file.filename=${file}`,
  ];
}

/** What the service's Deployment tells Node: how much memory it may take, above all. */
export function nodeOptions(root: string, service: string): string {
  const file = `services/${service}/deploy/deployment.yaml`;
  const [pod] = kinds(root, file, 'Deployment').map(({ spec }) => (spec as { template: Pod }).template);
  const value = pod?.spec.containers[0]?.env?.find(({ name }) => name === 'NODE_OPTIONS')?.value;
  if (!value) throw new Error(`${file} has no NODE_OPTIONS: mend scripts/shop/routes.ts`);
  return value;
}

function kinds(root: string, pattern: string, kind: string): Kubernetes[] {
  const found = globSync(pattern, { cwd: root })
    .sort()
    .flatMap(file => parseAllDocuments(readFileSync(join(root, file), 'utf8')).map(each => each.toJS()))
    .filter(each => each?.kind === kind);
  if (found.length === 0) throw new Error(`${pattern} has no ${kind}: mend scripts/shop/routes.ts`);
  return found;
}
