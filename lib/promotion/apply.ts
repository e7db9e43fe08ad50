import { ahead } from '../github/ahead.ts';
import { branchWith, mergeAsBase } from '../github/branch.ts';
import { type CommitPlan, commit } from '../github/commit.ts';
import { type PullRequest, pullRequest } from '../github/pull-request.ts';
import type { Repository } from '../github/repository.ts';
import { isAllOurs, touchedByPeople } from './authorship.ts';
import { type Changes, changesBetween, holdLines, isNothing } from './changes.ts';
import type { Draft, Planner } from './draft.ts';
import { editMove } from './edit-move.ts';
import type { Hold } from './held/file.ts';
import type { Withheld } from './held/withhold.ts';
import type { World } from './observe.ts';
import { line, title } from './render.ts';
import { type Asked, readTrailers, writeTrailers } from './trailers.ts';

/** All that writing needs to know, and how to look and plan again when the world has moved. */
export interface Goal {
  repository: Repository;
  environment: string;
  /** Of platform.yaml. */
  services: readonly string[];
  /** The branch that a pull request comes from. */
  branch: string;
  asked: Asked;
  /** The environment on a branch, the default one unless told. */
  observe(branch: string): Promise<World>;
  plan: Planner;
  body(proposal: Proposal): Promise<string>;
  /** More lines for the end of a commit's message. */
  trailers: readonly string[];
}

/** What a pull request would merge, and what a person must know about it. */
export interface Proposal extends Changes {
  withheld: Withheld[];
  /** Services whose version on the branch a person has chosen. */
  kept: string[];
  asked: Asked;
}

export interface Committed {
  commit: string;
  changes: Changes;
}

/**
 * Commits to a branch what is planned for it, planned anew as often as it takes.
 * @returns undefined when somebody else has done it all meanwhile
 */
export async function byCommit(goal: Goal, branch: string): Promise<Committed | undefined> {
  let changes: Changes | undefined;
  const made = await commit(goal.repository, branch, async () => {
    const world = await goal.observe(branch);
    const draft = goal.plan(world, world);
    // After a lost answer nothing is left to do, and what was done is what was planned before.
    if (!isNothing(draft)) changes = draft;
    return commitPlan(goal, world, draft);
  });
  return made !== undefined && changes ? { commit: made, changes } : undefined;
}

function commitPlan({ environment, asked, trailers }: Goal, { head }: World, draft: Draft): CommitPlan {
  const { moves, held } = draft;
  const last = [
    writeTrailers(asked, moves, [...draft.added, ...draft.dropped.map(unexplained)]),
    ...trailers,
  ].join('\n');
  const body = [...moves.map(line), ...holdLines(draft), '', last].join('\n').trim();
  return {
    head,
    message: { headline: title(environment, draft), body },
    files: [
      ...moves.map(move => editMove(move).file),
      ...(held ? [{ path: held.held.file, bytes: held.held.bytes }] : []),
    ],
  };
}

/** Why it was held is not why it goes. */
const unexplained = ({ reason: _, ...hold }: Hold): Hold => hold;

export interface Proposed extends PullRequest, Proposal {
  commit?: string | undefined;
}

/**
 * Brings a branch to what is wished and sees that a pull request is open for it. What people have committed to that branch
 * stays, also a version that they have chosen there.
 * @returns only what people have chosen when there is nothing to merge
 */
export async function byPullRequest(goal: Goal, base: World): Promise<Proposed | { kept: string[] }> {
  const { repository, environment, branch } = goal;
  const look = () => ahead(repository, base.branch, branch);
  const ours = async () => {
    const { head, messages } = await look();
    return isAllOurs(messages) ? head : undefined;
  };
  if (await branchWith(repository, branch, base.branch, base.head, ours)) {
    const { isOpen, head, messages } = await look();
    // Left over from a pull request that was squashed or closed: what it said may have been taken back since. What this very
    // run has left, as it ended before it could open one, is gone on with.
    const [newest = ''] = messages;
    const isOfThisRun = goal.asked.run !== undefined && readTrailers(newest).run === goal.asked.run;
    if (!isOpen && head && isAllOurs(messages) && !isOfThisRun)
      await mergeAsBase(repository, branch, base.branch, base.head, head);
  }
  let last: Pick<Proposal, 'withheld' | 'kept' | 'asked'> = { withheld: [], kept: [], asked: goal.asked };
  const made = await commit(repository, branch, async () => {
    const world = await goal.observe(branch);
    const { messages } = world.head === base.head ? { messages: [] } : await look();
    const touched = touchedByPeople(messages, world.pins(environment), base.pins(environment));
    const draft = goal.plan(world, base);
    const isKept = (service: string) => touched.includes(service);
    const moves = draft.moves.filter(({ pin }) => !isKept(pin.service));
    const before = messages.map(readTrailers).find(({ by, run }) => by ?? run);
    last = {
      withheld: draft.withheld.filter(({ move }) => !isKept(move.pin.service)),
      kept: touched,
      // Who asks for what is there already changes nothing.
      asked: moves.length === 0 && !draft.held && before ? { by: before.by, run: before.run } : goal.asked,
    };
    return commitPlan(goal, world, { ...draft, moves });
  });
  const changes = changesBetween(environment, goal.services, base, await goal.observe(branch));
  if (isNothing(changes)) {
    // People want it so, or what was in it is in the base by now.
    return { kept: last.kept };
  }
  const proposal = { ...changes, ...last };
  const wish = {
    head: branch,
    base: base.branch,
    title: title(environment, changes),
    body: await goal.body(proposal),
  };
  return { ...(await pullRequest(repository, wish)), ...proposal, commit: made };
}
