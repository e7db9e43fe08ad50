import type { Static } from 'typebox';
import { terms } from '../annotations.ts';
import { claimed, merged, noHost, noted } from '../claims.ts';
import { whereto } from '../target.ts';
import * as shapes from './shapes.ts';
import { each, type Source } from './source.ts';

/** https://kubernetes.io/docs/concepts/services-networking/ingress */
export const ingress: Source = {
  kind: 'Ingress',
  resources: ['ingresses.networking.k8s.io'],
  wishes: (objects, { fallback }) =>
    each(objects('networking.k8s.io', 'Ingress'), shapes.ingress, ({ source, object, annotations }) => {
      const { rules = [], tls = [] } = object.spec ?? {};
      const own = [
        ...rules.flatMap(({ host }) => host || []),
        ...(annotations.tlsHosts ? tls.flatMap(({ hosts = [] }) => hosts) : []),
      ];
      const hosts = [
        ...(annotations.hostsFrom === 'annotation' ? [] : own),
        ...(annotations.hostsFrom === 'spec' ? [] : annotations.hosts),
      ];
      if (hosts.length === 0) return noted(source, noHost);

      const status = whereto(addresses(object.status), { ...annotations, whose: 'its status' });
      const { note, ...where } = terms(annotations, status, fallback);
      // Its controller may have emptied the status for a moment.
      const lapsed = fallback.assumed === true && where.targets === fallback.targets;
      const ways = { ...where, ...(lapsed && { lapsed }) };
      return merged([claimed(source, hosts, ways), ...(note ? [noted(source, note)] : [])]);
    }),
};

/** What a load balancer has been given: `status` of an Ingress and of a Service alike. */
export const addresses = (status: Static<typeof shapes.ingress>['status']): string[] =>
  (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) =>
    [ip, hostname].flatMap(value => value || []),
  );
