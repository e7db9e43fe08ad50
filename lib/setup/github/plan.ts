import type { Change } from '../change.ts';
import { listed, type Row } from '../row.ts';
import { slugOf, type Wish } from '../wish.ts';
import { needed, unread } from './ask.ts';
import type { GitHubWorld } from './observe.ts';
import { environmentRow, reviewerRows, waitingRow } from './plan-environments.ts';
import { type Known, reviewKeyRow, secretRow } from './plan-secrets.ts';
import { page, readable, row } from './rows.ts';

/** A row a check, and what has to be written. Pure. */
export function planGitHub(wish: Wish, world: GitHubWorld, known: Known): Row[] {
  const { demands } = wish.workflows;
  return [
    repositoryRow(wish, world),
    actionsRow(wish, world),
    ...workflowPermissionRows(wish, world),
    branchRow(wish, world),
    namesRow(wish),
    ...demands.map(demand => environmentRow(wish, world, demand)),
    ...reviewerRows(wish, world),
    waitingRow(wish, world),
    ...demands.flatMap(demand => secretRow(wish, world, demand, known)),
    ...reviewKeyRow(wish, world),
  ];
}

function repositoryRow(wish: Wish, { repository }: GitHubWorld): Row {
  const slug = slugOf(wish);
  const name = 'repository';
  if ('unreadable' in repository) {
    const { says, rest } = unread(repository.unreadable);
    return row(name, 'missing', says, { todo: `export GITHUB_TOKEN=…: ${needed}`, ...rest });
  }
  if (!repository.value)
    return row(name, 'missing', `${slug} is not there, or not for this token`, {
      todo: `make it at https://github.com/new, or correct "repository" in platform.yaml; else ${needed}`,
    });
  return repository.value.isAdmin
    ? row(name, 'ok', `${slug}, with a token that may administer it`)
    : row(name, 'wrong', `the token may not administer ${slug}`, { todo: needed });
}

function actionsRow(wish: Wish, { actions }: GitHubWorld): Row {
  const name = 'Actions';
  return readable(name, actions, ({ enabled, allowed, pinned }) => {
    const change: Change = {
      kind: 'actions',
      body: { enabled: true, ...(allowed && { allowed_actions: allowed }), sha_pinning_required: true },
    };
    if (!enabled) return row(name, 'wrong', 'they are turned off', { changes: [change] });
    if (allowed === 'local_only')
      return row(name, 'wrong', 'those of other repositories are forbidden, and the workflows use some', {
        todo: page(wish, 'settings/actions'),
      });
    if (pinned === false)
      return row(name, 'missing', 'they need not be pinned by commit', { changes: [change] });
    return row(name, 'ok', pinned ? 'on, pinned by commit' : 'on; GitHub here knows no pinning by commit');
  });
}

function workflowPermissionRows(wish: Wish, { workflowPermissions: reading }: GitHubWorld): Row[] {
  const [token, pulls] = ["workflows' token", 'pull requests'];
  const change = (opens: boolean): Change => ({
    kind: 'workflow permissions',
    body: { default_workflow_permissions: 'read', can_approve_pull_request_reviews: opens },
  });
  const first = readable(token, reading, ({ token: may, opensPullRequests }) =>
    may === 'read'
      ? row(token, 'ok', 'read-only unless a job asks for more')
      : row(token, 'wrong', 'may write in every job that does not say otherwise', {
          changes: [change(opensPullRequests)],
        }),
  );
  if (!wish.workflows.opensPullRequests) return [first];
  const second = readable(pulls, reading, ({ opensPullRequests }) =>
    opensPullRequests
      ? row(pulls, 'ok', 'workflows may open them')
      : row(pulls, 'missing', 'workflows may not open them, and a promotion is one', {
          changes: [change(true)],
        }),
  );
  return [first, second];
}

function branchRow(wish: Wish, { rules, repository }: GitHubWorld): Row {
  const branch = ('value' in repository && repository.value?.branch) || 'main';
  const wanted = wish.workflows.checks;
  if (wanted.length === 0)
    return row(
      branch,
      'warning',
      'no job of one fixed name runs for both pull_request and merge_group: nothing to ask for',
    );
  const changes: Change[] = [{ kind: 'ruleset', checks: wanted }];
  return readable(branch, rules, ({ checks, pullRequests }) => {
    const absent = wanted.filter(each => !checks.includes(each));
    if (absent.length > 0)
      return row(branch, 'missing', `takes a merge without the check ${listed(absent)}`, { changes });
    return pullRequests
      ? row(branch, 'ok', `takes pull requests alone, with the check ${listed(wanted)}`)
      : row(branch, 'missing', 'takes what comes by no pull request', { changes });
  });
}

/** GitHub's files cannot be made from platform.yaml, so they name the environments again. */
function namesRow({ platform, workflows }: Wish): Row {
  const named = new Set(workflows.demands.flatMap(({ targets }) => [...targets]));
  const known = Object.keys(platform.environments);
  const absent = known.filter(name => !named.has(name));
  const strange = [...named].filter(name => !known.includes(name));
  const says = [
    absent.length > 0 && `they do not name ${listed(absent)}, which platform.yaml has`,
    strange.length > 0 && `they name ${listed(strange)}, which platform.yaml does not have`,
  ].filter(Boolean);
  if (says.length === 0) return row('workflows', 'ok', `they name ${listed(known)}, as platform.yaml does`);
  return row('workflows', 'wrong', says.join(', and '), {
    todo: 'edit .github/workflows: "Add an environment" in Slipway\'s docs/operations.md says where, and "From another repository" in its docs/pipelines.md what to call',
  });
}
