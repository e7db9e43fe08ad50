import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lackingControllers, makeIn } from './cgroups.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroups-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const read = (file: string) => readFileSync(join(root, file), 'utf8');

function unified(controllers: string, pids: string[]): void {
  writeFileSync(join(root, 'cgroup.controllers'), controllers);
  writeFileSync(join(root, 'cgroup.procs'), pids.map(pid => `${pid}\n`).join(''));
}

/** Writes as the kernel lets one: nothing is handed down past processes, and one that is moved is no more where it was. */
function kernel(file: string, text: string): void {
  const refuse = (code: string) => {
    throw Object.assign(new Error(code), { code });
  };
  const procs = join(root, 'cgroup.procs');
  const left = readFileSync(procs, 'utf8');
  if (basename(file) === 'cgroup.subtree_control' && left) refuse('EBUSY');
  if (basename(file) === 'cgroup.procs') {
    writeFileSync(procs, left.replace(`${text}\n`, ''));
    if (text === '666') refuse('ESRCH');
  }
  writeFileSync(file, text, { flag: 'a' });
}

test('v2: what the kubelet asks for is handed down, and no more', () => {
  unified('cpuset cpu io memory hugetlb pids rdma misc\n', []);
  makeIn(join(root, 'run'), kernel);
  expect(read('cgroup.subtree_control')).toBe('+cpuset +cpu +memory +hugetlb +pids');
  expect(readdirSync(root)).toContain('run');
  expect(readdirSync(root)).not.toContain('init');
});

test('v2 in a container: its processes make way first, also when some end meanwhile', () => {
  unified('cpu memory\n', ['1', '666', '42']);
  makeIn(join(root, 'run'), kernel);
  expect(read('cgroup.subtree_control')).toBe('+cpu +memory');
  expect(read('init/cgroup.procs')).toBe('142');
});

test('v2: another refusal is not a reason to move anything', () => {
  unified('cpu\n', ['1']);
  const refuse = () => {
    throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
  };
  expect(() => makeIn(join(root, 'run'), refuse)).toThrow('EACCES');
  expect(readdirSync(root)).not.toContain('init');
});

test('v1: a new cpuset gets the processors of the one above', () => {
  for (const folder of [root, join(root, 'run')]) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cpuset.sched_load_balance'), '1');
  }
  writeFileSync(join(root, 'cpuset.cpus'), '0-1\n');
  writeFileSync(join(root, 'cpuset.mems'), '0\n');
  makeIn(join(root, 'run'));
  expect([read('run/cpuset.cpus'), read('run/cpuset.mems')]).toEqual(['0-1\n', '0\n']);
});

test('what a kubelet lacks, of v2 by what its root has and of v1 by what is mounted', () => {
  unified('cpu io memory\n', []);
  expect(lackingControllers([root])).toEqual(['cpuset', 'pids']);
  const mounted = ['cpu,cpuacct', 'cpuset', 'memory', 'unified'].map(name => join(dirname(root), name));
  expect(lackingControllers(mounted)).toEqual(['pids']);
});
