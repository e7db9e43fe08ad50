import { expect, test } from 'vitest';
import { parse } from '../platform/load.ts';
import { select } from '../platform/platform.ts';
import { UserErrors } from '../runner/errors.ts';
import type { PromoteRequest } from './request.ts';
import { readWish } from './wish.ts';

const environment =
  'zone: ch-gva-2, nodes: { type: standard.medium, count: 1 }, database: { plan: hobbyist-2 }';
const platform = parse(`
name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-terraform-state, zone: ch-gva-2 }
dns: { zone: example.com, owner: shop }
services:
  ui: { repository: https://github.com/acme/ui, image: ghcr.io/acme/ui, host: shop }
environments:
  staging: { ${environment}, domain: staging.example.com }
  production: { ${environment}, domain: example.com, promote: { from: staging, by: commit } }
`);
type Wanted = Partial<PromoteRequest>;
const read = (name: 'staging' | 'production', wanted: Wanted) =>
  readWish(select(platform, name), {
    ...{ environment: name, platformFile: 'platform.yaml', dryRun: false, downgrade: false },
    ...wanted,
  });
const digest = `sha256:${'1'.repeat(64)}`;
const commit = '3f2a91c04b';

test.each<['staging' | 'production', Wanted, object]>([
  ['production', {}, { kind: 'take-over', from: 'staging' }],
  ['production', { service: 'ui' }, { kind: 'take-over', from: 'staging', service: 'ui' }],
  ['staging', { service: 'ui', revision: 'v1' }, { kind: 'announce', service: 'ui', revision: 'v1' }],
  [
    'staging',
    { service: 'ui', image: `ghcr.io/acme/ui:v1@${digest}` },
    { kind: 'announce', image: { repository: 'ghcr.io/acme/ui', tag: 'v1', digest } },
  ],
  ['production', { rollback: commit }, { kind: 'rollback', commit }],
  [
    'staging',
    { rollback: commit, service: 'ui', reason: 'Why' },
    { kind: 'rollback', commit, service: 'ui', reason: 'Why' },
  ],
  ['production', { pause: 'ui', reason: 'Why' }, { kind: 'pause', service: 'ui', reason: 'Why' }],
  ['production', { resume: 'ui' }, { kind: 'resume', service: 'ui' }],
  ['staging', { release: 'ui' }, { kind: 'release', service: 'ui' }],
])('in %s %o is understood', (name, wanted, expected) => {
  expect(read(name, wanted)).toMatchObject(expected);
});

test.each<['staging' | 'production', Wanted, RegExp[]]>([
  ['production', { rollback: commit, pause: 'ui', reason: 'x' }, [/rollback, pause do not go together/]],
  ['production', { rollback: 'HEAD~1' }, [/"HEAD~1" is no commit/]],
  ['production', { rollback: '--upload-pack=x' }, [/is no commit/]],
  ['production', { pause: 'ui' }, [/say why with the input reason/]],
  ['production', { pause: 'ui', service: 'ui', reason: 'x' }, [/pause names its service itself/]],
  ['production', { resume: 'iu' }, [/no service "iu": did you mean "ui"/]],
  ['production', { reason: 'x' }, [/reason says why a rollback or a pause is made/]],
  ['production', { rollback: commit, reason: 'two\nlines' }, [/one line of at most 300/]],
  ['production', { rollback: commit, reason: 'x'.repeat(301) }, [/one line of at most 300/]],
  ['production', { image: 'ghcr.io/acme/ui:v1' }, [/takes its versions from staging/]],
  ['staging', { service: 'constructor', revision: 'v1' }, [/no service "constructor"/]],
  ['staging', {}, [/is the first environment.* give the inputs service, and image or revision or both/]],
  // A tag can be moved to another image.
  ['staging', { service: 'ui', image: 'ghcr.io/acme/ui:v1' }, [/names no version that stands still/]],
  ['staging', { service: 'ui', revision: 'v1', kubeconfig: 'x' }, [/inputs kubeconfig and staging/]],
  [
    'production',
    { pause: 'ui', reason: 'x', hotfix: 'zzz', downgrade: true },
    [/^The inputs downgrade, hotfix and pause do not go together: leave downgrade, hotfix out$/],
  ],
  [
    'production',
    { release: 'ui', kubeconfig: 'x' },
    [/^The inputs kubeconfig and release do not go together/],
  ],
  [
    'production',
    { rollback: commit, hotfix: 'CVE-1' },
    [/^The inputs hotfix and rollback do not go together/],
  ],
  [
    'production',
    { hotfix: 'CVE-1\u2028Asked-by: ada' },
    [/one line of 3 to 200/, /has none in platform.yaml/],
  ],
  [
    'staging',
    { service: 'iu', image: 'ghcr.io/acme/ui:v1', revision: 'main', release: 'u', pause: 'ui' },
    [
      /"iu"/,
      /"u"/,
      /pause, release do not go together/,
      /names its service/,
      /inputs image, revision and pause do not go together/,
      /say why/,
    ],
  ],
  [
    'staging',
    { service: 'ui', image: `ghcr.io/evil/ui:v1@${digest}`, revision: 'main' },
    [/is not an image of ui/, /no fixed revision/],
  ],
])('in %s %o is refused, all of it at once', (name, wanted, expected) => {
  const told = () => {
    try {
      return [read(name, wanted)].map(String);
    } catch (error) {
      return error instanceof UserErrors
        ? error.errors.map(({ message }) => message)
        : [(error as Error).message];
    }
  };
  expect(told()).toEqual(expected.map(each => expect.stringMatching(each)));
});
