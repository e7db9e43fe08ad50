import { settingsSnapshot } from './settings.ts';
import { isPull, slug, type World } from './world.ts';

/** All that happened beside git, for people and tests to look at. */
export const snapshot = (world: World) =>
  Object.fromEntries(
    [...world.repositories.values()].map(repository => [
      slug(repository),
      {
        mirror: repository.mirror,
        settings: settingsSnapshot(repository.settings),
        protection: Object.fromEntries(repository.protection),
        issues: [...repository.issues.values()].map(issue => ({
          number: issue.number,
          kind: isPull(issue) ? 'pull request' : 'issue',
          state: issue.pull?.merged ? 'merged' : issue.open ? 'open' : 'closed',
          title: issue.title,
          body: issue.body,
          author: issue.author.login,
          labels: issue.labels,
          ...(issue.pull && { head: issue.pull.head, base: issue.pull.base, headSha: issue.pull.headSha }),
          comments: issue.comments.map(({ id, author, body, edits }) => ({
            id,
            author: author.login,
            body,
            edits: edits.length,
          })),
        })),
        deployments: repository.deployments.map(({ creator, statuses, ...deployment }) => ({
          ...deployment,
          creator: creator.login,
          statuses: statuses.map(({ state, description }) => ({ state, description })),
        })),
        statuses: repository.statuses.map(({ creator, ...status }) => ({
          ...status,
          creator: creator.login,
        })),
        checkRuns: repository.checkRuns,
        workflowRuns: repository.workflowRuns.map(({ actor, jobs, pending, ...run }) => ({
          ...run,
          actor: actor.login,
          pending: pending.map(({ environment, since }) => ({ environment, since })),
          jobs: jobs.map(({ name, conclusion, environment }) => ({ name, conclusion, environment })),
        })),
      },
    ]),
  );
