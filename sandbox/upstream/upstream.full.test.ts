import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { recipes } from '../node/images/all.ts';
import { tool } from '../tools/build.ts';
import { upstreams } from './index.ts';

test('a node can pull every image that Argo CD’s manifests ask for', async () => {
  const [argocd] = await upstreams(['argoproj/argo-cd']);
  const folder = join(argocd?.folder ?? '', 'manifests/cluster-install');
  const rendered = promisify(execFile)(await tool('kubectl'), ['kustomize', folder], { maxBuffer: 2 ** 26 });
  const asked = [...(await rendered).stdout.matchAll(/^ +(?:- )?image: (.+)$/gm)].map(([, image]) => image);
  expect(new Set(asked).size).toBeGreaterThanOrEqual(3);
  expect(recipes.map(({ reference }) => reference)).toEqual(expect.arrayContaining(asked));
});
