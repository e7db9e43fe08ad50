import { setTimeout as sleep } from 'node:timers/promises';
import {
  application,
  applicationPath,
  apply,
  deployment,
  finalizers,
  kustomization,
  map,
  one,
  oneBlue,
  patch,
  pinned,
  refresh,
  sees,
  service,
  synced,
  type Wish,
  wave,
  web,
} from './objects.ts';
import { argocd, expectSuccess, type Scenario, type World } from './world.ts';

/** What Applications do, and how the world is afterwards: under the stand-in and under the real Argo CD. */
export const scenarios: Scenario[] = [
  {
    name: 'an Application is synced',
    async run(world) {
      await apply(world, { url: (await world.repository(one)).url });
    },
    ends: [synced, oneBlue],
  },
  {
    name: 'image and host of the pin go into the rendered objects, through replacements too',
    async run(world) {
      const repository = await world.repository(web);
      await repository.tag('v1');
      const wish = { url: repository.url, path: 'deploy', revision: 'v1' };
      await apply(world, { ...wish, kustomize: pinned('v1', 'web.example.com') });
    },
    ends: [
      synced,
      'ConfigMap text {"rule":"Host(\\"web.example.com\\") && \\"x\\""}',
      'ConfigMap web-HASH {"HOST":"web.example.com"}',
      'Deployment web 1 example.com/web:v1',
    ],
  },
  {
    name: 'a push changes nothing until the pin moves, and then what is no longer wanted goes last',
    async run(world) {
      const repository = await world.repository(web);
      await repository.tag('v1');
      const wish = { url: repository.url, path: 'deploy', revision: 'v1' };
      const options = ['ServerSideApply=true', 'PruneLast=true'];
      const syncPolicy = {
        automated: { prune: true, selfHeal: true },
        syncOptions: options,
        retry: { limit: 0 },
      };
      await apply(world, { ...wish, syncPolicy, kustomize: pinned('v1', 'web.example.com') });
      await sees(world, synced);
      await repository.commit({ 'deploy/text.yaml': map('text', { rule: 'Other("web.localhost")' }) });
      await repository.tag('v2');
      await refresh(world);
      await sees(world, synced);
      await sees(world, 'ConfigMap text {"rule":"Host(\\"web.example.com\\") && \\"x\\""}');
      await patch(world, applicationPath(world), {
        spec: { source: { targetRevision: 'v2', kustomize: pinned('v2', 'web.example.org') } },
      });
    },
    ends: [
      synced,
      'ConfigMap text {"rule":"Other(\\"web.example.org\\")"}',
      'ConfigMap web-HASH {"HOST":"web.example.org"}',
      'Deployment web 1 example.com/web:v2',
    ],
  },
  {
    name: 'a branch is followed when a refresh is asked for, and the request is taken off',
    async run(world) {
      const repository = await world.repository(one);
      await apply(world, { url: repository.url });
      await sees(world, synced);
      await repository.commit({ 'one.yaml': map('one', { colour: 'red' }) });
      await refresh(world);
    },
    ends: [synced, 'ConfigMap one {"colour":"red"}'],
  },
  {
    name: 'what leaves the repository is pruned',
    async run(world) {
      const two = { 'kustomization.yaml': kustomization('one.yaml', 'two.yaml'), 'two.yaml': map('two', {}) };
      const repository = await world.repository({ ...one, ...two });
      await apply(world, { url: repository.url });
      await sees(world, synced);
      await repository.commit({ ...one, 'two.yaml': null });
      await refresh(world);
    },
    ends: [synced, oneBlue],
  },
  {
    name: 'without prune it stays, and the Application is out of sync',
    async run(world) {
      const two = { 'kustomization.yaml': kustomization('one.yaml', 'two.yaml'), 'two.yaml': map('two', {}) };
      const repository = await world.repository({ ...one, ...two });
      await apply(world, { url: repository.url, syncPolicy: { automated: {}, retry: { limit: 0 } } });
      await sees(world, synced);
      await repository.commit({ ...one, 'two.yaml': null });
      await refresh(world);
    },
    ends: ['Application app OutOfSync Healthy Succeeded', oneBlue, 'ConfigMap two {}'],
  },
  {
    name: 'what is changed or deleted by hand is put back',
    async run(world) {
      const { url } = await world.repository({
        'kustomization.yaml': kustomization('one.yaml', 'web.yaml'),
        'one.yaml': map('one', { colour: 'blue' }),
        'web.yaml': deployment('web'),
      });
      await apply(world, { url });
      await sees(world, synced);
      const { api, namespace } = world;
      await patch(world, `/api/v1/namespaces/${namespace}/configmaps/one`, { data: { colour: 'grey' } });
      await expectSuccess(api('DELETE', `/apis/apps/v1/namespaces/${namespace}/deployments/web`));
    },
    ends: [synced, oneBlue, 'Deployment web 1 example.com/web'],
  },
  {
    name: 'fields that nobody wants are left alone',
    async run(world) {
      await apply(world, { url: (await world.repository(one)).url });
      await sees(world, synced);
      await patch(world, `/api/v1/namespaces/${world.namespace}/configmaps/one`, { data: { extra: 'mine' } });
    },
    ends: [synced, 'ConfigMap one {"colour":"blue","extra":"mine"}'],
  },
  {
    name: 'without self-heal a change by hand stays',
    async run(world) {
      const { url } = await world.repository(one);
      await apply(world, { url, syncPolicy: { automated: { prune: true }, retry: { limit: 0 } } });
      await sees(world, synced);
      await patch(world, `/api/v1/namespaces/${world.namespace}/configmaps/one`, {
        data: { colour: 'grey' },
      });
    },
    ends: ['Application app OutOfSync Healthy Succeeded', 'ConfigMap one {"colour":"grey"}'],
  },
  {
    name: 'without automation nothing happens until an operation is asked for',
    async run(world) {
      await apply(world, { url: (await world.repository(one)).url, syncPolicy: {} });
      await sees(world, 'Application app OutOfSync Missing -');
      await patch(world, applicationPath(world), { operation: { sync: { prune: true } } });
    },
    ends: [synced, oneBlue],
  },
  {
    name: 'a missing path is named',
    async run(world) {
      await apply(world, { url: (await world.repository(one)).url, path: 'nowhere' });
    },
    ends: [/^Application app Unknown Healthy - ComparisonError: .*nowhere: app path does not exist$/],
  },
  {
    name: 'an unknown revision is named',
    async run(world) {
      await apply(world, { url: (await world.repository(one)).url, revision: 'v9' });
    },
    ends: [/^Application app Unknown Healthy - ComparisonError: .*unable to resolve 'v9' to a commit SHA$/],
  },
  {
    name: 'a repository that cannot be reached is told, and what runs goes on running',
    async run(world) {
      await apply(world, { url: (await world.repository(one)).url });
      await sees(world, synced);
      await patch(world, applicationPath(world), {
        spec: { source: { repoURL: 'file:///nowhere/repository' } },
      });
    },
    ends: [
      /^Application app Unknown Healthy Succeeded ComparisonError: Failed to load target state: /,
      oneBlue,
    ],
  },
  {
    name: 'a kustomization that does not build is told with what kustomize says',
    async run(world) {
      const { url } = await world.repository({ 'kustomization.yaml': kustomization('absent.yaml') });
      await apply(world, { url });
    },
    ends: [/^Application app Unknown Healthy - ComparisonError: .*absent\.yaml/s],
  },
  {
    name: 'an object that the API server refuses fails the sync; the others are applied',
    async run(world) {
      const { url } = await world.repository({
        'kustomization.yaml': kustomization('one.yaml', 'two.yaml'),
        'one.yaml': map('one', { colour: 'blue' }),
        'two.yaml': service('two', 99_999),
      });
      await apply(world, { url });
    },
    ends: [
      /^Application app OutOfSync Missing Failed SyncError: Failed last sync attempt to \[[0-9a-f]{40}\]: one or more objects failed to apply, reason: .*spec\.ports\[0\]\.port/,
      oneBlue,
    ],
  },
  {
    name: 'a kind that the project does not allow fails the sync before anything is applied',
    async run(world) {
      const secret = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'two' } });
      const { url } = await world.repository({
        'kustomization.yaml': kustomization('one.yaml', 'two.yaml'),
        'one.yaml': map('one', { colour: 'blue' }),
        'two.yaml': secret,
      });
      await apply(world, { url });
    },
    ends: [
      /^Application app OutOfSync Missing Failed SyncError: Failed last sync attempt to \[[0-9a-f]{40}\]: one or more synchronization tasks are not valid$/,
    ],
  },
  {
    name: 'a namespace that the project does not allow makes the Application invalid',
    async run(world) {
      await apply(world, { url: (await world.repository(one)).url, destination: 'kube-system' });
    },
    ends: [
      /^Application app Unknown Unknown - InvalidSpecError: application destination server .* 'kube-system' do not match/,
    ],
  },
  {
    name: 'a kind that is not installed fails, and is tried again',
    async run(world) {
      const kind = `Thing${world.namespace.replaceAll('-', '')}`;
      const group = `${world.namespace}.example.com`;
      const thing = { apiVersion: `${group}/v1`, kind, metadata: { name: 'one' } };
      const { url } = await world.repository({
        'kustomization.yaml': kustomization('thing.yaml'),
        'thing.yaml': JSON.stringify(thing),
      });
      const retry = { limit: 20, backoff: { duration: '1s', factor: 1 } };
      await apply(world, {
        url,
        syncPolicy: { automated: {}, syncOptions: ['ServerSideApply=true'], retry },
      });
      await sees(world, 'Application app OutOfSync Healthy Running');
      const plural = `${kind.toLowerCase()}s`;
      const schema = { openAPIV3Schema: { type: 'object' } };
      await expectSuccess(
        world.api('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
          metadata: { name: `${plural}.${group}` },
          spec: {
            ...{ group, scope: 'Namespaced', names: { kind, plural } },
            versions: [{ name: 'v1', served: true, storage: true, schema }],
          },
        }),
      );
    },
    ends: [synced],
  },
  {
    name: 'a wave waits until the one before is healthy',
    async run(world) {
      const waiting = deployment('web', { nodeSelector: { nowhere: 'true' } });
      const { url } = await world.repository({
        'kustomization.yaml': kustomization('web.yaml', 'later.yaml'),
        'web.yaml': waiting,
        'later.yaml': map('later', {}, wave(1)),
      });
      await apply(world, { url });
    },
    ends: ['Application app OutOfSync Missing Running', 'Deployment web 1 example.com/web'],
  },
  {
    name: 'an operation that waits can be terminated',
    async run(world) {
      const waiting = deployment('web', { nodeSelector: { nowhere: 'true' } });
      const { url } = await world.repository({
        'kustomization.yaml': kustomization('web.yaml', 'later.yaml'),
        'web.yaml': waiting,
        'later.yaml': map('later', {}, wave(1)),
      });
      await apply(world, { url });
      await sees(world, 'Application app OutOfSync Missing Running');
      await sees(world, 'Deployment web 1 example.com/web'); // it runs before it has applied anything
      await sleep(3000); // and while it applies, it may write over what is asked of it
      await patch(world, applicationPath(world), { status: { operationState: { phase: 'Terminating' } } });
    },
    ends: [
      /^Application app OutOfSync Missing Failed SyncError: .*: Operation terminated$/,
      'Deployment web 1 example.com/web',
    ],
  },
  {
    name: 'an Application of Applications brings its children in waves',
    run: nested,
    ends: [
      'Application child-1 Synced Healthy Succeeded',
      'Application child-2 Synced Healthy Succeeded',
      'Application root Synced Healthy Succeeded',
      'ConfigMap one {"colour":"blue"}',
      'Deployment web 1 example.com/web',
    ],
  },
  {
    name: 'deleting it with its finalizer takes all away, children of children too',
    async run(world) {
      await nested(world);
      await sees(world, 'Application root Synced Healthy Succeeded');
      await sees(world, 'Application child-2 Synced Healthy Succeeded');
      await expectSuccess(world.api('DELETE', applicationPath(world, 'root')));
    },
    ends: [],
  },
  {
    name: 'deleting it without a finalizer leaves what it made',
    async run(world) {
      await apply(world, { url: (await world.repository(one)).url });
      await sees(world, synced);
      await expectSuccess(world.api('DELETE', applicationPath(world)));
    },
    ends: [oneBlue],
  },
  {
    name: 'what is marked Delete=false outlives its Application',
    async run(world) {
      const keep = { 'argocd.argoproj.io/sync-options': 'Delete=false,Prune=false' };
      const { url } = await world.repository({
        'kustomization.yaml': kustomization('one.yaml', 'two.yaml'),
        'one.yaml': map('one', { colour: 'blue' }, keep),
        'two.yaml': map('two', {}),
      });
      await apply(world, { url, finalizers });
      await sees(world, synced);
      await expectSuccess(world.api('DELETE', applicationPath(world)));
    },
    ends: [oneBlue],
  },
  {
    name: 'a child in the last wave that does not get ready does not hold up the next commit',
    async run(world) {
      const never = deployment('web', { nodeSelector: { nowhere: 'true' } });
      const leaves = await world.repository({
        'kustomization.yaml': kustomization('web.yaml'),
        'web.yaml': never,
        'mended/kustomization.yaml': kustomization('one.yaml'),
        'mended/one.yaml': one['one.yaml'],
      });
      const root = await world.repository({});
      const annotations = wave(1);
      const self = { name: 'root', url: root.url, annotations, destination: 'argocd' };
      const child = { name: 'child', url: leaves.url, annotations };
      const json = (wish: Wish) => JSON.stringify(application(world.namespace, wish));
      await root.commit({
        'kustomization.yaml': kustomization('root.yaml', 'child.yaml'),
        'root.yaml': json(self),
        'child.yaml': json(child),
      });
      await apply(world, self);
      await sees(world, 'Application child Synced Progressing Succeeded');
      await root.commit({ 'child.yaml': json({ ...child, path: 'mended' }) });
      await refresh(world, 'root');
    },
    ends: [
      'Application child Synced Healthy Succeeded',
      'Application root Synced Healthy Succeeded',
      oneBlue,
    ],
  },
  {
    name: 'a PreSync hook runs to its end before anything else, once more with every sync, and is no part of what is compared',
    async run(world) {
      const files = { ...one, 'kustomization.yaml': kustomization('one.yaml', 'job.yaml') };
      const repository = await world.repository({ ...files, 'job.yaml': job('blue') });
      await apply(world, { url: repository.url });
      await sees(world, synced);
      await sees(world, oneBlue);
      // A Job cannot be changed: it is another one.
      await repository.commit({ 'job.yaml': job('red'), 'one.yaml': map('one', { colour: 'red' }) });
      await refresh(world);
      await sees(world, 'ConfigMap one {"colour":"red"}');
      const path = `/apis/batch/v1/namespaces/${world.namespace}/jobs/migration`;
      const { body } = await world.api<Job>('GET', path);
      const { colour } = body.spec.template.metadata.labels;
      if (colour !== 'red' || !body.status.succeeded) throw new Error(`The hook is ${JSON.stringify(body)}`);
    },
    ends: [synced, 'ConfigMap one {"colour":"red"}'],
  },
  {
    name: 'a PreSync hook that cannot begin holds up what is wanted later too, until the operation is terminated',
    async run(world) {
      const files = { ...one, 'kustomization.yaml': kustomization('one.yaml', 'job.yaml') };
      const repository = await world.repository({ ...files, 'job.yaml': job('blue', { nowhere: 'true' }) });
      await repository.tag('v1');
      await repository.commit({ 'job.yaml': job('blue') });
      await repository.tag('v2');
      await apply(world, { url: repository.url, revision: 'v1' });
      await sees(world, 'Application app OutOfSync Missing Running');
      await patch(world, applicationPath(world), { spec: { source: { targetRevision: 'v2' } } });
      await sleep(3000);
      await sees(world, 'Application app OutOfSync Missing Running');
      await patch(world, applicationPath(world), { status: { operationState: { phase: 'Terminating' } } });
    },
    ends: [synced, oneBlue],
  },
  {
    name: 'a PreSync hook that the API server refuses fails the sync, and nothing else is touched',
    async run(world) {
      const files = { ...one, 'kustomization.yaml': kustomization('one.yaml', 'job.yaml') };
      await apply(world, {
        url: (await world.repository({ ...files, 'job.yaml': job('not a label!') })).url,
      });
    },
    ends: [/^Application app OutOfSync Missing Failed SyncError: /],
  },
  {
    name: 'an Application whose project is gone cannot clean up after itself',
    async run(world) {
      await apply(world, { url: (await world.repository(one)).url, finalizers });
      await sees(world, synced);
      await expectSuccess(world.api('DELETE', `${argocd}/appprojects/${world.namespace}`));
      await expectSuccess(world.api('DELETE', applicationPath(world)));
    },
    ends: [/^Application app .* DeletionError: .*not found/, oneBlue],
  },
];

/** A PreSync hook whose pod has this label, and a node of these labels if it is told. */
const job = (colour: string, nodeSelector: object = {}) =>
  JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migration', annotations: { 'argocd.argoproj.io/hook': 'PreSync' } },
    spec: {
      template: {
        metadata: { labels: { colour } },
        spec: {
          ...{ restartPolicy: 'Never', nodeSelector },
          containers: [{ name: 'main', image: 'example.com/web' }],
        },
      },
    },
  });

interface Job {
  spec: { template: { metadata: { labels: { colour: string } } } };
  status: { succeeded?: number };
}

/** A root with two children: one with a Deployment, the other a wave later. */
async function nested(world: World): Promise<void> {
  const leaves = await world.repository({
    'first/kustomization.yaml': kustomization('web.yaml'),
    'first/web.yaml': deployment('web'),
    'second/kustomization.yaml': kustomization('one.yaml'),
    'second/one.yaml': map('one', { colour: 'blue' }),
  });
  const child = (name: string, path: string, number: number) =>
    JSON.stringify(
      application(world.namespace, { name, url: leaves.url, path, finalizers, annotations: wave(number) }),
    );
  const root = await world.repository({
    'kustomization.yaml': kustomization('first.yaml', 'second.yaml'),
    'first.yaml': child('child-1', 'first', 0),
    'second.yaml': child('child-2', 'second', 1),
  });
  await apply(world, { name: 'root', url: root.url, finalizers, destination: 'argocd' });
}
