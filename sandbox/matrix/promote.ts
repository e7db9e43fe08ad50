import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openEgress } from '../egress.ts';
import { github } from '../github/index.ts';
import { imageAt, pinnedPlatform } from '../github/pins.ts';
import { openRun } from '../run.ts';
import { runAction } from '../runner.ts';
import { openGate } from './gate.ts';
import { githubState, quickly, type Subject } from './world.ts';

const services = ['ui', 'product'];

/** What a service's build announces is committed to the first environment. */
export const promoteCommit = (): Promise<Subject> =>
  promotion('v1.0.0', {
    ...{ environment: 'staging', service: 'product', revision: 'v2.0.0' },
    image: imageAt('product', 'v2.0.0'),
  });

/** What is ahead in the first environment becomes a pull request for the second. */
export const promotePullRequest = (): Promise<Subject> => promotion('v2.0.0', { environment: 'production' });

/** @param first the version at which the first environment is */
async function promotion(first: string, inputs: Record<string, string>): Promise<Subject> {
  const run = openRun();
  const workspace = join(run.folder, 'workspace');
  const files = pinnedPlatform({
    services,
    environments: { staging: undefined, production: '{ from: staging, by: pull-request }' },
    version: environment => (environment === 'staging' ? first : 'v1.0.0'),
  });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await writeFile(join(workspace, path), text);
  }
  let worlds = 0;
  return {
    close: run.close,
    async open() {
      const gate = openGate();
      const hub = await github({ ...run, folder: join(run.folder, `hub-${worlds++}`) });
      await hub.seed({ 'acme/platform': workspace });
      const token = hub.token('github-actions[bot]');
      const egress = await openEgress(run, [
        { host: 'api.github.com', target: await gate.before('github', hub.url) },
      ]);
      const people = hub.repository('acme/platform');
      const ask = async (path: string) => {
        const headers = { authorization: `Bearer ${token}` };
        return (await fetch(`${hub.url}/repos/acme/platform/${path}`, { headers })).json();
      };
      /** Who has committed what, and the pins. */
      async function branch(name: string) {
        if ((await people.head(name)) === undefined) return undefined;
        const commits = (await ask(`commits?sha=${encodeURIComponent(name)}`)) as {
          commit: { message: string };
        }[];
        const pins = Object.keys(files).map(async path => [path, await people.file(path, name)]);
        // One text: in a list their order would not count.
        const history = commits.map(({ commit }) => commit.message).join('\n\n');
        return { history, pins: Object.fromEntries(await Promise.all(pins)) };
      }
      return {
        gate,
        run: more =>
          runAction({
            ...{ action: 'promote', cwd: workspace, inputs: { 'github-token': token, ...inputs } },
            env: run.environment({ ...egress.environment, ...quickly }),
            ...more,
          }),
        state: async () => ({
          main: await branch('main'),
          branches: await ask('branches'),
          production: await branch('promote/production'),
          rest: await githubState(hub.url),
        }),
        complaints: () => [...hub.complaints, ...egress.refused],
        async close() {
          await egress.close();
          await gate.close();
          await hub.close();
        },
      };
    },
  };
}
