import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { type Egress, openEgress } from '../../sandbox/egress.ts';
import { type GitHub, github } from '../../sandbox/github/index.ts';
import { imageAt, pinFile, pinnedPlatform, pinText } from '../../sandbox/github/pins.ts';
import { openRun } from '../../sandbox/run.ts';
import { runAction, type Step } from '../../sandbox/runner.ts';

const services = ['ui', 'product'];
const environments = { staging: undefined, production: '{ from: staging, by: pull-request }' };
export const moved = (service: string) => pinText(service, 'v1.1.0');

export const newImage = {
  environment: 'staging',
  service: 'product',
  image: imageAt('product', 'v1.1.0'),
  revision: 'v1.1.0',
};

interface State {
  'acme/platform': { issues: { state: string; title: string }[]; deployments: unknown[] };
}

/** A platform whose pins are in an odd but whole layout, on a GitHub of its own for each test, and the action in it. */
export function promoteWorld() {
  const run = openRun();
  const workspace = join(run.folder, 'workspace');
  let server: GitHub;
  let egress: Egress;
  let token: string;

  beforeAll(async () => {
    const files = pinnedPlatform({ services, environments });
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(workspace, path)), { recursive: true });
      await writeFile(join(workspace, path), text);
    }
  });
  afterAll(() => run.close());

  let attempt = 0;
  beforeEach(async () => {
    server = await github({ ...run, folder: join(run.folder, String(attempt++)) });
    await server.seed({ 'acme/platform': workspace });
    token = server.token('github-actions[bot]');
    egress = await openEgress(run, [{ host: 'api.github.com', target: server.url }]);
    return async () => {
      await egress.close();
      await server.close();
      expect([server.complaints, egress.refused]).toEqual([[], []]);
    };
  });

  async function promote(inputs: Record<string, string>, started?: Step['started']) {
    const from = server.requests.length;
    const env = run.environment(egress.environment);
    const given = { 'github-token': token, ...inputs };
    const result = await runAction({
      ...{ action: 'promote', cwd: workspace, env, inputs: given },
      ...(started && { started }),
    });
    const requests = server.requests.slice(from).map(told);
    return { ...result, requests };
  }

  const platformRepository = () => server.repository('acme/platform');

  /** All lines of the repository's files that a merge has moved, with their file. */
  async function movedBy(merge: () => Promise<unknown>) {
    const all = [
      'platform.yaml',
      ...services.flatMap(name => Object.keys(environments).map(each => pinFile(each, name))),
    ];
    const read = () => Promise.all(all.map(async path => (await platformRepository().file(path)) ?? ''));
    const before = await read();
    await merge();
    return (await read()).flatMap((text, index) => {
      const [old, now] = [before[index] ?? '', text].map(each => each.split('\n')) as [string[], string[]];
      expect(now).toHaveLength(old.length);
      return now.flatMap((each, line) => (each === old[line] ? [] : [[`${all[index]}:${line + 1}`, each]]));
    });
  }

  const state = async () =>
    ((await (await fetch(`${server.url}/_sandbox/state`)).json()) as State)['acme/platform'];

  return { server: () => server, token: () => token, promote, platformRepository, movedBy, state };
}

/** A request as a person would name it. */
function told({ method, url, body }: { method: string; url: string; body: string }): string {
  if (url !== '/graphql') return `${method} ${url.replace(/[0-9a-f]{40}|(?<=deployments\/)\d+/g, 'SHA')}`;
  if (/\bmutation\b/.test(body)) return 'commit';
  return /history\(first/.test(body) ? 'commits' : /compare\(/.test(body) ? 'ahead' : 'look';
}
