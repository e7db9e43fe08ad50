import { Type } from 'typebox';

// As much of each kind as is read. A cluster holds objects to more than this; files, and definitions that let everything
// through, do not.
const text = Type.Optional(Type.String());
const texts = Type.Optional(Type.Array(Type.String()));

const balancer = Type.Optional(
  Type.Object({
    loadBalancer: Type.Optional(
      Type.Object({ ingress: Type.Optional(Type.Array(Type.Object({ ip: text, hostname: text }))) }),
    ),
  }),
);

export const ingress = Type.Object({
  spec: Type.Optional(
    Type.Object({
      rules: Type.Optional(Type.Array(Type.Object({ host: text }))),
      tls: Type.Optional(Type.Array(Type.Object({ hosts: texts }))),
    }),
  ),
  status: balancer,
});

export const ingressRoute = Type.Object({
  spec: Type.Optional(Type.Object({ routes: Type.Optional(Type.Array(Type.Object({ match: text }))) })),
});

export const service = Type.Object({
  spec: Type.Optional(Type.Object({ type: text, externalIPs: texts })),
  status: balancer,
});

const reference = Type.Object({
  group: text,
  kind: text,
  namespace: text,
  name: Type.String(),
  sectionName: text,
  port: Type.Optional(Type.Integer()),
});
const condition = Type.Object({
  type: Type.String(),
  status: Type.String(),
  reason: text,
  observedGeneration: Type.Optional(Type.Integer()),
});

export const httpRoute = Type.Object({
  spec: Type.Optional(Type.Object({ parentRefs: Type.Optional(Type.Array(reference)), hostnames: texts })),
  status: Type.Optional(
    Type.Object({
      parents: Type.Optional(
        Type.Array(Type.Object({ parentRef: reference, conditions: Type.Optional(Type.Array(condition)) })),
      ),
    }),
  ),
});

const selector = Type.Object({
  matchLabels: Type.Optional(Type.Record(Type.String(), Type.String())),
  matchExpressions: Type.Optional(
    Type.Array(Type.Object({ key: Type.String(), operator: Type.String(), values: texts })),
  ),
});
const listener = Type.Object({
  name: Type.String(),
  hostname: text,
  port: Type.Integer(),
  protocol: Type.String(),
  allowedRoutes: Type.Optional(
    Type.Object({
      namespaces: Type.Optional(Type.Object({ from: text, selector: Type.Optional(selector) })),
      kinds: Type.Optional(Type.Array(Type.Object({ group: text, kind: Type.String() }))),
    }),
  ),
});

export const gateway = Type.Object({
  spec: Type.Object({ listeners: Type.Array(listener) }),
  status: Type.Optional(
    Type.Object({
      addresses: Type.Optional(Type.Array(Type.Object({ type: text, value: Type.String() }))),
    }),
  ),
});
