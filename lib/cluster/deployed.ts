import { type Kubectl, title } from '../kubectl/kubectl.ts';
import {
  type Application,
  applications,
  hooks,
  lastShortcomings,
  shortcomings,
  state,
} from './application.ts';
import type { Problem, Rung } from './ladder.ts';
import { nudging } from './nudge.ts';
import { testimony, witnesses } from './witnesses.ts';
import { workloadKinds } from './workload.ts';

/**
 * The root Application and, below it, all that it says it consists of.
 * @param engine Argo CD's own workloads: when they fail, the Applications cannot tell why
 * @param say what was done to Argo CD's own work, in a sentence
 */
export function deployed(
  cluster: Kubectl,
  root: Application,
  tell: (found: Application[]) => void,
  engine?: Rung,
  say?: (sentence: string) => void,
): Rung {
  const namespace = root.metadata.namespace ?? 'argocd';
  const nudge = nudging(cluster, namespace, say);
  const read = async () => {
    const all = await cluster.list<Application>(applications, { namespace });
    return tree(root.metadata.name, new Map(all.map(each => [each.metadata.name, each])));
  };
  return {
    name: 'the Applications',
    async look() {
      const found = await read();
      const present = [...found.values()].flatMap(each => each ?? []);
      await nudge(present);
      tell(present);
      return problems(found, shortcomings);
    },
    async explain() {
      // Nobody is asked to look again now: what is waited for says nothing of what is wrong.
      const found = await read();
      const stalled = await engine?.look();
      const explained = problems(found, lastShortcomings).map(async problem => {
        const application = found.get(problem.what.replace(/^Application /, ''));
        return application ? explainApplication(cluster, application, problem) : problem;
      });
      return [
        ...(await Promise.all(explained)),
        ...(stalled?.length ? ((await engine?.explain?.(stalled)) ?? stalled) : []),
      ];
    },
  };
}

const problems = (
  found: Map<string, Application | undefined>,
  wrong: (application: Application) => string[],
): Problem[] =>
  [...found].flatMap(([name, application], index) => {
    // The first is the root, which nobody brings but bootstrap.
    const absent = index === 0 ? 'it does not exist' : 'it does not exist yet, and waits for those before it';
    const why = application ? wrong(application) : [absent];
    return why.length > 0
      ? [{ what: `Application ${name}`, why, ...(application && { state: state(application) }) }]
      : [];
  });

/** An Application and its children by name; undefined for one that its parent lists and that is not there. */
export function tree(
  name: string,
  all: ReadonlyMap<string, Application>,
  found = new Map<string, Application | undefined>(),
): Map<string, Application | undefined> {
  if (found.has(name)) return found;
  const application = all.get(name);
  found.set(name, application);
  for (const { group, kind, name: child } of application?.status?.resources ?? [])
    if (kind === 'Application' && group === 'argoproj.io') tree(child, all, found);
  return found;
}

async function explainApplication(
  cluster: Kubectl,
  application: Application,
  { what, why }: Problem,
): Promise<Problem> {
  // Since 3.0 Argo CD does not write the health of the parts into the Application: the workloads are asked themselves.
  const parts = [...(application.status?.resources ?? []), ...hooks(application)].filter(({ kind }) =>
    [...workloadKinds, 'Job'].includes(kind),
  );
  const titles = new Set(parts.map(part => title({ apiVersion: '', kind: part.kind, metadata: part })));
  const more: string[] = [];
  for (const namespace of new Set(parts.map(part => part.namespace ?? 'default'))) {
    const known = await witnesses(cluster, namespace);
    for (const workload of known.workloads.filter(each => titles.has(title(each)))) {
      const [reason, ...reasons] = await testimony(cluster, workload, known);
      if (reason) more.push(`${title(workload)}: ${reason}`, ...reasons);
    }
  }
  return { what, why: [...why, ...more] };
}
