import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import type { KubernetesObject } from '../argocd/object.ts';
import type { Environment } from '../run.ts';
import { tool } from '../tools/build.ts';
import { pinned } from '../tools/parts.ts';

interface Exclusion {
  check: string;
  object?: string;
  reason: string;
}

/** What kube-score finds, a line each, and the exclusions in kube-score.yaml that excuse nothing. */
export async function kubeScore(
  objects: readonly KubernetesObject[],
  env: Environment,
): Promise<{ findings: string[]; idle: string[] }> {
  const exclusions = parse(readFileSync(join(import.meta.dirname, 'kube-score.yaml'), 'utf8')) as Exclusion[];
  const used = new Set<Exclusion>();
  const findings = (await score(objects, env)).flatMap(({ object_name: name, checks }) =>
    checks.flatMap(({ check, grade, skipped, comments }) => {
      if (skipped || grade >= allGood) return [];
      const excused = exclusions.filter(
        each => each.check === check.id && new RegExp(each.object ?? '').test(name),
      );
      for (const each of excused) used.add(each);
      const why = (comments ?? []).map(({ path, summary }) => [path, summary].filter(Boolean).join(': '));
      return excused.length > 0 ? [] : [`${check.id} | ${name} | ${why.join('; ')}`];
    }),
  );
  const idle = exclusions
    .filter(each => !used.has(each))
    .map(({ check, object }) => `${check} ${object ?? ''}`);
  return { findings, idle };
}

// https://github.com/zegl/kube-score/blob/v1.20.0/scorecard/scorecard.go
const allGood = 10;

interface Scored {
  object_name: string;
  checks: {
    check: { id: string };
    grade: number;
    skipped: boolean;
    comments: { path: string; summary: string }[] | null;
  }[];
}

async function score(objects: readonly KubernetesObject[], env: Environment): Promise<Scored[]> {
  const version = pinned('kube-apiserver').split('.').slice(0, 2).join('.');
  const argv = ['score', '-o', 'json', `--kubernetes-version=v${version}`, '--all-default-optional'];
  const optional = ['--enable-optional-test=container-seccomp-profile', '-'];
  const child = spawn(await tool('kube-score'), [...argv, ...optional], { env });
  child.stdin.end(objects.map(each => JSON.stringify(each)).join('\n---\n'));
  const [said, wrong] = await Promise.all([text(child.stdout), text(child.stderr)]);
  try {
    return JSON.parse(said) as Scored[];
  } catch {
    throw new Error(`kube-score gave no answer: ${wrong.trim()}`);
  }
}
