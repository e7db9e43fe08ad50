import { expect, test } from 'vitest';
import { explain, KubernetesError, unless } from './errors.ts';

// What kubectl 1.34 printed.
test.each([
  ['error: You must be logged in to the server (Unauthorized)', 'Unauthorized'],
  [
    'error: You must be logged in to the server (the server has asked for the client to provide credentials)',
    'Unauthorized',
  ],
  ['unable to recognize "STDIN": the server has asked for the client to provide credentials', 'Unauthorized'],
  [
    'Error from server (Forbidden): secrets is forbidden: User "weak" cannot list resource "secrets" in API group "" at the cluster scope',
    'Forbidden',
  ],
  [
    'Error from server (Forbidden): configmaps "x" is forbidden: unable to create new content in namespace dying because it is being terminated',
    'Refused',
  ],
  ['error: the server doesn\'t have a resource type "applications"', 'UnknownResource'],
  [
    'resource mapping not found for name: "app" namespace: "default" from "STDIN": no matches for kind "Application" in version "argoproj.io/v1alpha1"\nensure CRDs are installed first',
    'UnknownResource',
  ],
  ['Error from server (NotFound): namespaces "nope" not found', 'NotFound'],
  [
    'Error from server (AlreadyExists): error when creating "STDIN": configmaps "okay" already exists',
    'AlreadyExists',
  ],
  [
    'E1123 07:46:13.477374   11138 memcache.go:265] "Unhandled Error"\nThe connection to the server 127.0.0.1:18999 was refused - did you specify the right host or port?',
    'Unavailable',
  ],
  [
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for kubernetes, not foo',
    'Unavailable',
  ],
  [
    'Unable to connect to the server: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    'Unavailable',
  ],
  [
    'Error from server (InternalError): Internal error occurred: failed calling webhook "v.example.com": no endpoints available',
    'Refused',
  ],
  [
    'Error from server: failed to create typed patch object (default/svc; /v1, Kind=Service): .spec.ports[port=80,protocol="TCP"].foo: field not declared in schema',
    'Refused',
  ],
])('%s is %s', (stderr, reason) => {
  const error = explain('list services', stderr);
  expect(error.reason).toBe(reason);
  expect(error.message).toMatch(/^Could not list services: ./);
  expect(error.message).not.toMatch(/memcache|\n/);
});

test('unless turns the one reason it is told into a value', async () => {
  const missing = () => Promise.reject(new KubernetesError('UnknownResource', 'no'));
  await expect(unless('UnknownResource', missing(), [])).resolves.toEqual([]);
  await expect(unless('NotFound', missing(), [])).rejects.toThrow('no');
});

test('what the cluster does not serve is named, each kind once', () => {
  const said = (name: string) =>
    `resource mapping not found for name: "${name}" namespace: "argocd" from "STDIN": no matches for kind "PodDisruptionBudget" in version "policy/v1beta1"\nensure CRDs are installed first\n`;
  expect(explain('apply', said('server') + said('repo-server')).message).toBe(
    'Could not apply: the cluster does not serve PodDisruptionBudget in policy/v1beta1: its Kubernetes is too old or too new for that, or the CustomResourceDefinition is not installed there; "kubectl api-resources" lists what it serves',
  );
});
