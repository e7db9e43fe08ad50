import { shown } from '../../runner/text.ts';
import { hostsOf } from '../../traefik/hosts.ts';
import { RuleError } from '../../traefik/rule.ts';
import { terms } from '../annotations.ts';
import { claimed, merged, noHost, noted, unread, type Wishes } from '../claims.ts';
import * as shapes from './shapes.ts';
import { each, type Source } from './source.ts';

/**
 * Traefik's own kinds. They have no status, so that their hosts lead where everything leads that Traefik takes in.
 * https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/ingressroute
 */
const routes = (kind: string, resource: string): Source => ({
  kind,
  resources: [resource],
  wishes: (objects, { fallback }) =>
    each(objects('traefik.io', kind), shapes.ingressRoute, ({ source, object, annotations }) => {
      const { note: _, ...where } = terms(annotations, fallback);
      const { hosts, hostsFrom } = annotations;
      const found = merged([
        ...(hostsFrom === 'annotation' ? [] : (object.spec?.routes ?? [])).map(({ match = '' }) =>
          ruled(source, match, where),
        ),
        ...(hostsFrom === 'spec' ? [] : [claimed(source, hosts, where)]),
      ]);
      const silent = Object.values(found).every(part => part.length === 0);
      return silent ? noted(source, noHost) : found;
    }),
});

export const ingressroute = routes('IngressRoute', 'ingressroutes.traefik.io');
export const ingressroutetcp = routes('IngressRouteTCP', 'ingressroutetcps.traefik.io');

function ruled(source: string, match: string, where: Parameters<typeof claimed>[2]): Wishes {
  try {
    const { hosts, patterns } = hostsOf(match);
    return merged([
      claimed(
        source,
        hosts.filter(host => host !== '*'),
        where,
        match,
      ),
      ...patterns.map(pattern => noted(source, `no record can be made of the HostRegexp ${shown(pattern)}`)),
    ]);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return unread(source, match, `its rule is not understood: ${error.message}`);
  }
}
