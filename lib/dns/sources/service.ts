import type { Static } from 'typebox';
import { Check } from 'typebox/value';
import { type KubeObject, title } from '../../kubectl/kubectl.ts';
import { annotated, terms } from '../annotations.ts';
import { claimed, merged, noted } from '../claims.ts';
import { type Whereto, whereto } from '../target.ts';
import { addresses } from './ingress.ts';
import * as shapes from './shapes.ts';
import { each, type Source } from './source.ts';

/** Services of type LoadBalancer that name a host in an annotation. What leads to others does not lead to them. */
export const service: Source = {
  kind: 'Service',
  resources: ['services'],
  wishes: objects =>
    each(objects('', 'Service').filter(named), shapes.service, ({ source, object, annotations }) => {
      if (object.spec?.type !== 'LoadBalancer')
        return noted(source, 'it names a host and is no LoadBalancer, so nothing outside leads to it');
      const { note, ...where } = terms(annotations, ...own(object, annotations.allowPrivate));
      return merged([claimed(source, annotations.hosts, where), ...(note ? [noted(source, note)] : [])]);
    }),
};

const named = ({ metadata }: KubeObject): boolean => {
  const { hosts, mistakes } = annotated(metadata);
  return hosts.length + mistakes.length > 0;
};

/** Where the Service of an ingress controller leads, for all objects that do not say it themselves. */
export function balancer(object: KubeObject): Whereto {
  const { allowPrivate } = annotated(object.metadata);
  const found = Check(shapes.service, object) ? own(object, allowPrivate).find(Boolean) : undefined;
  const { targets = [], pending = 'it has no address yet' } = found ?? {};
  return targets.length > 0
    ? { targets }
    : { targets, pending: `${title(object)} is to take it, and ${pending}` };
}

const own = ({ spec, status }: Static<typeof shapes.service>, allowPrivate: boolean) => {
  const external = whereto(spec?.externalIPs ?? [], { whose: 'its externalIPs', allowPrivate });
  return [
    external && { ...external, chosen: true },
    whereto(addresses(status), { whose: 'its status', allowPrivate }),
  ];
};
