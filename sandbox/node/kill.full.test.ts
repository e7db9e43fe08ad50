import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hierarchies } from '../cgroups.ts';
import { cacheFolder } from '../tools/cache.ts';
import { doctor } from './doctor.ts';

const here = doctor().length === 0;

/** An owner of a node with a pod on it; it says how far it has come. */
const script = `
  import { openRun } from ${JSON.stringify(import.meta.resolve('../run.ts'))};
  import { openImages } from ${JSON.stringify(import.meta.resolve('./images/index.ts'))};
  import { realCluster } from ${JSON.stringify(import.meta.resolve('./index.ts'))};
  import { kubectl } from ${JSON.stringify(import.meta.resolve('./testing.ts'))};
  const run = openRun();
  const images = await openImages(run, []);
  const cluster = await realCluster(run, { name: 'staging', images });
  await cluster.setNodes('pool', ['node-1']);
  const k = await kubectl(run, cluster);
  await k('wait', '-n', 'kube-system', 'deployment/coredns', '--for=condition=Available', '--timeout=90s');
  console.log('all is up');`;

const output = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8' });
const links = (): { ifalias?: string }[] => JSON.parse(output('ip', '-json', 'link'));

/** What is the whole machine's, and none of a node's business. */
const machine = () => ({
  rules: output('iptables-save').replace(/^#.*$|\[\d+:\d+\]/gm, ''),
  settings: ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'net/ipv4/ip_forward'].map(
    setting => readFileSync(`/proc/sys/${setting}`, 'utf8'),
  ),
});

/** What of a run can be seen on the machine when the run is over. */
function traces(folder: string): string[] {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'latin1');
    } catch {
      return '';
    }
  };
  const processes = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid =>
      ['cmdline', 'environ', 'maps', 'cgroup'].some(file => read(`/proc/${pid}/${file}`).includes(folder)),
    );
  const mounts = read('/proc/self/mountinfo')
    .split('\n')
    .filter(line => line.includes(folder));
  const cgroups = hierarchies()
    .map(each => join(each, basename(folder)))
    .filter(path => existsSync(path));
  const cables = links().flatMap(({ ifalias = '' }) =>
    ifalias.startsWith(`${basename(folder)}/`) ? [ifalias] : [],
  );
  return [...processes, ...mounts, ...cgroups, ...cables, ...(existsSync(folder) ? [folder] : [])];
}

const moments = [100, 400, 800, 1500, 2500, 4000, 5000, 6500, 9000, 'all is up'] as const;

test.runIf(here).each(moments)('nothing is left of an owner that is killed after %s', async moment => {
  const before = machine();
  const place = mkdtempSync(join(tmpdir(), 'killed-'));
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: place },
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let up = false;
  createInterface({ input: owner.stdout }).on('line', () => (up = true));
  if (moment === 'all is up') await expect.poll(() => up, { timeout: 300_000 }).toBe(true);
  else await sleep(moment);
  const folders = readdirSync(place).map(name => join(place, name));
  // That the look sees what there is to see: processes, cgroups in all hierarchies, the cable and the folder.
  if (moment === 'all is up') {
    const seen = folders.flatMap(traces).join(' ');
    expect(seen).toMatch(/\/sys\/fs\/cgroup.*slipway-\w+\/staging/);
  }
  owner.kill('SIGKILL');

  await expect.poll(() => readdirSync(place), { timeout: 60_000 }).toEqual([]);
  await expect.poll(() => folders.flatMap(traces), { timeout: 20_000 }).toEqual([]);
  expect(machine()).toEqual(before);
  rmSync(place, { recursive: true });
});

/** A cache with the tools, and no template yet. */
function freshCache(): string {
  const cache = mkdtempSync(join(tmpdir(), 'cache-'));
  mkdirSync(join(cache, 'slipway'));
  output('cp', '--archive', '--link', join(cacheFolder(), 'tools'), join(cache, 'slipway/tools'));
  return cache;
}

const maker = `
  import { openRun } from ${JSON.stringify(import.meta.resolve('../run.ts'))};
  import { template } from ${JSON.stringify(import.meta.resolve('./template.ts'))};
  const run = openRun();
  console.log(await template(run));
  await run.close();`;
const make = (cache: string) =>
  spawn(process.execPath, ['--input-type=module', '-e', maker], {
    env: { ...process.env, XDG_CACHE_HOME: cache },
    stdio: ['ignore', 'pipe', 'inherit'],
  });

test.runIf(here)('a template that two want is made once; a killed making leaves nothing', async () => {
  const cache = freshCache();
  try {
    const killed = make(cache);
    await expect
      .poll(() => readdirSync(join(cache, 'slipway/tools')).some(name => name.startsWith('.building-')), {
        timeout: 30_000,
      })
      .toBe(true);
    await sleep(1500);
    killed.kill('SIGKILL');
    const [one, other] = await Promise.all([make(cache), make(cache)].map(child => text(child.stdout)));
    expect(one).toMatch(new RegExp(`^${cache}/slipway/node/[0-9a-f]{12}\n$`));
    expect(other).toBe(one);
    expect(readdirSync(join(cache, 'slipway/node'))).toHaveLength(1);
    await expect
      .poll(() => readdirSync(join(cache, 'slipway/tools')).filter(name => name.startsWith('.building-')), {
        timeout: 20_000,
      })
      .toEqual([]);
  } finally {
    rmSync(cache, { recursive: true });
  }
});
