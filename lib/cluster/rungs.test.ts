import { expect, test } from 'vitest';
import type { Kubectl } from '../kubectl/kubectl.ts';
import { type Application, refresh } from './application.ts';
import { deployed } from './deployed.ts';
import { nodes } from './rungs.ts';

const application = (name: string, children: string[] = []): Application => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: { source: { path: name } },
  status: {
    sync: { status: 'Synced', comparedTo: { source: { path: name } } },
    health: { status: 'Healthy' },
    resources: children.map(child => ({ group: 'argoproj.io', kind: 'Application', name: child })),
  },
});

/** Argo CD as far as it answers: on the next look it has taken the annotation away, as the real one does. */
function cluster(all: Application[]) {
  const asked: string[] = [];
  const fake = {
    list: async () => structuredClone(all),
    async annotate(_: string, names: string[], annotations: Record<string, string>) {
      expect(annotations).toEqual({ [refresh]: 'normal' });
      asked.push(...names);
    },
  } as unknown as Kubectl;
  return { asked, fake };
}

test('each Application is asked for a fresh look, once, when it is first seen', async () => {
  const all = [application('root', ['root', 'ui', 'late']), application('ui'), application('stranger')];
  const { asked, fake } = cluster(all);
  const told: string[][] = [];
  const rung = deployed(fake, application('root'), found =>
    told.push(found.map(({ metadata }) => metadata.name)),
  );

  const first = await rung.look();
  expect(first.map(({ what, why }) => `${what}: ${why[0]?.slice(0, 25)}`)).toEqual([
    'Application root: Argo CD has not looked at',
    'Application ui: Argo CD has not looked at',
    'Application late: it does not exist yet, an',
  ]);
  expect(asked).toEqual(['root', 'ui']);

  all.push(application('late'));
  expect(await rung.look()).toMatchObject([{ what: 'Application late' }]);
  expect(await rung.look()).toEqual([]);
  expect(asked).toEqual(['root', 'ui', 'late']);
  expect(told.at(-1)).toEqual(['root', 'ui', 'late']);
});

test('when time is up it tells what Argo CD said last, though it was asked to look again a moment ago', async () => {
  const broken = application('ui');
  broken.metadata.annotations = { [refresh]: 'normal' };
  broken.status = {
    sync: { status: 'Unknown' },
    health: { status: 'Healthy' },
    conditions: [{ type: 'ComparisonError', message: 'deploy: app path does not exist' }],
  };
  const fresh = application('new');
  fresh.metadata.annotations = { [refresh]: 'normal' };
  const { asked, fake } = cluster([application('root', ['root', 'ui', 'new']), broken, fresh]);
  const found = await deployed(fake, application('root'), () => {}).explain?.([]);
  expect(found?.map(({ what, why }) => `${what}: ${why[0]}`)).toEqual([
    'Application ui: ComparisonError: deploy: app path does not exist',
    expect.stringMatching(/^Application new: Argo CD has not looked at it since/),
  ]);
  expect(asked).toEqual([]);
});

test.each([
  [[], ['The cluster: no node has joined it']],
  [
    [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'no network' }],
    ['Node a: KubeletNotReady: no network'],
  ],
  [[{ type: 'Ready', status: 'True' }], []],
])('with nodes %j', async (conditions, expected) => {
  const list =
    conditions.length === 0 ? [] : [{ kind: 'Node', metadata: { name: 'a' }, status: { conditions } }];
  const found = await nodes({ list: async () => list } as unknown as Kubectl).look();
  expect(found.map(({ what, why }) => `${what}: ${why.join()}`.split(': look')[0])).toEqual(expected);
});
