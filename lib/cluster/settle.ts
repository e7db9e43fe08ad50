import type { Kubectl } from '../kubectl/kubectl.ts';
import type { Runner } from '../runner/runner.ts';
import { type Application, revision, shortcomings } from './application.ts';
import { certificates } from './certificates.ts';
import { deployed } from './deployed.ts';
import type { Goal } from './inputs.ts';
import { climb, type Deadline, type Rung } from './ladder.ts';
import type { Wish } from './manifests.ts';
import type { Ingress } from './probes/probe.ts';
import * as probes from './probes/render.ts';
import { type Answers, answering } from './probes/rung.ts';
import { line, table } from './render.ts';
import { nodes, rollouts } from './rungs.ts';

/** How far to wait. */
export interface Reach {
  /** What the tables are headed with. */
  environment: string;
  until: Goal;
  /** Where to knock, for `http`. */
  ingress?: Ingress | undefined;
  /** Which hosts must answer there. */
  hosts: readonly string[];
}

export interface Settled {
  /** The root Application and all below it. */
  applications: Application[];
  /** What the ingress answered; only for `http`. */
  answers?: Answers;
}

/**
 * Waits for nodes, for Argo CD's own rollouts, then for every Application, and tells of each when it has arrived. What is
 * known in the end is on the page of the run, also when it is not as it must be.
 */
export async function settle(
  runner: Runner,
  cluster: Kubectl,
  { manifests, root }: Wish,
  { environment, until, ingress, hosts }: Reach,
  deadline: Deadline,
): Promise<Settled> {
  const told = new Set<string>();
  let applications: Application[] = [];
  const tell = (found: Application[]) => {
    applications = found;
    for (const application of found.filter(each => shortcomings(each).length === 0)) {
      const news = `${application.metadata.name} ${revision(application)}`;
      if (!told.has(news)) runner.info(line(application));
      told.add(news);
    }
  };
  const engine = rollouts(cluster, 'Argo CD', manifests);
  const unready = (found: string[]) => {
    for (const each of found) runner.warning(each);
  };
  const arrived = deployed(cluster, root, tell, engine, sentence => runner.warning(sentence));
  try {
    await climb(runner, [nodes(cluster, unready), engine, arrived], deadline);
  } finally {
    if (applications.length > 0) await runner.summary(table(environment, applications));
  }
  if (until === 'applications') return { applications };

  const issued = certificates(cluster, until === 'certificates', found => {
    for (const { metadata, status } of found) {
      const news = `Certificate ${metadata.namespace}/${metadata.name}: good until ${status?.notAfter}`;
      if (status?.notAfter !== undefined && !told.has(news)) runner.info(news);
      told.add(news);
    }
  });
  await climb(runner, [issued], deadline);
  if (until === 'certificates' || !ingress) return { applications };
  return {
    applications,
    answers: await knock(runner, environment, ingress, deadline, tell =>
      answering(cluster, ingress, hosts, tell),
    ),
  };
}

/** Shows every answer, also when some are still wrong when time is up. */
async function knock(
  runner: Runner,
  environment: string,
  { address }: Ingress,
  deadline: Deadline,
  rung: (tell: (answers: Answers) => void) => Rung,
): Promise<Answers> {
  let latest: Answers = { verdicts: [], unasked: [], credulous: [] };
  const tell = (answers: Answers) => {
    latest = answers;
  };
  try {
    await climb(runner, [rung(tell)], deadline);
    return latest;
  } finally {
    await runner.group(`What ${address} answers`, async () => {
      for (const each of probes.lines(latest.verdicts)) runner.info(each);
      for (const each of latest.unasked) runner.info(`Not asked: ${each}`);
      for (const each of latest.credulous) runner.warning(each);
    });
    for (const { probe, warning } of latest.verdicts)
      if (warning) runner.warning(`${probe.host}: ${warning}`);
    if (latest.verdicts.length > 0) await runner.summary(probes.table(environment, latest.verdicts));
  }
}
