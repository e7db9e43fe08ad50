import { Type } from 'typebox';
import { addComment, editComment, findComment } from '../comments.ts';
import { checkLength, notFound } from '../errors.ts';
import { commentShape, issueShape, labelShape } from '../shapes/issues.ts';
import { type Issue, isPull, nextNumber, now, type Repository } from '../world.ts';
import { type Api, actor, body, optionalText, type Params, page, repositoryOf, text } from './api.ts';

type Numbered = Params & { number: string };

/** Issues, and the comments that issues and pull requests share. */
export function issues({ app, world }: Api): void {
  app.get<{
    Params: Params;
    Querystring: { state?: string; labels?: string; creator?: string; direction?: string };
  }>('/repos/:owner/:repo/issues', async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const { state = 'open', labels = '', creator, direction = 'desc' } = request.query;
    const found = [...repository.issues.values()]
      .filter(issue => state === 'all' || issue.open === (state === 'open'))
      .filter(issue => labels.split(',').every(label => label === '' || issue.labels.includes(label)))
      .filter(issue => creator === undefined || issue.author.login === creator);
    if (direction === 'desc') found.reverse();
    return page(request, reply, found).map(issue => issueShape(repository, issue));
  });

  app.post<{ Params: Params; Body: NewIssue }>(
    '/repos/:owner/:repo/issues',
    newIssue,
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const { title, body: issueBody, labels = [] } = request.body;
      checkLength('Issue', issueBody);
      const issue: Issue = {
        id: world.nextId(),
        number: nextNumber(repository),
        title,
        body: issueBody ?? null,
        author: actor(request),
        open: true,
        stateReason: null,
        createdAt: now(),
        updatedAt: now(),
        closedAt: null,
        labels,
        comments: [],
      };
      repository.issues.set(issue.number, issue);
      return reply.code(201).send(issueShape(repository, issue));
    },
  );

  app.get<{ Params: Numbered }>('/repos/:owner/:repo/issues/:number', async request => {
    const repository = repositoryOf(world, request.params);
    return issueShape(repository, findIssue(repository, request.params.number));
  });

  app.patch<{ Params: Numbered; Body: ChangedIssue }>(
    '/repos/:owner/:repo/issues/:number',
    changedIssue,
    async request => {
      const repository = repositoryOf(world, request.params);
      const issue = findIssue(repository, request.params.number);
      const { title, body: issueBody, labels, state, state_reason: reason } = request.body;
      checkLength('Issue', issueBody);
      if (title !== undefined) issue.title = title;
      if (issueBody !== undefined) issue.body = issueBody;
      if (labels !== undefined) issue.labels = labels;
      // A reason without a change of state is ignored.
      if (state !== undefined && (state === 'open') !== issue.open) {
        issue.open = state === 'open';
        issue.closedAt = issue.open ? null : now();
        if (!isPull(issue)) issue.stateReason = issue.open ? 'reopened' : (reason ?? 'completed');
      }
      issue.updatedAt = now();
      return issueShape(repository, issue);
    },
  );

  app.post<{ Params: Numbered; Body: { labels: string[] } }>(
    '/repos/:owner/:repo/issues/:number/labels',
    body({ labels: Type.Array(text) }),
    async request => {
      const repository = repositoryOf(world, request.params);
      const issue = findIssue(repository, request.params.number);
      issue.labels = [...new Set([...issue.labels, ...request.body.labels])];
      return issue.labels.map(name => labelShape(repository, name));
    },
  );

  app.get<{ Params: Numbered }>('/repos/:owner/:repo/issues/:number/comments', async (request, reply) => {
    const repository = repositoryOf(world, request.params);
    const issue = findIssue(repository, request.params.number);
    return page(request, reply, issue.comments).map(comment => commentShape(repository, issue, comment));
  });

  app.post<{ Params: Numbered; Body: { body: string } }>(
    '/repos/:owner/:repo/issues/:number/comments',
    body({ body: text }),
    async (request, reply) => {
      const repository = repositoryOf(world, request.params);
      const issue = findIssue(repository, request.params.number);
      const comment = addComment(world, issue, actor(request), request.body.body);
      return reply.code(201).send(commentShape(repository, issue, comment));
    },
  );

  const oneComment = '/repos/:owner/:repo/issues/comments/:id';
  const find = (params: Params & { id: string }) =>
    findComment([repositoryOf(world, params)], Number(params.id));

  app.get<{ Params: Params & { id: string } }>(oneComment, async request => {
    const { repository, issue, comment } = find(request.params);
    return commentShape(repository, issue, comment);
  });

  app.patch<{ Params: Params & { id: string }; Body: { body: string } }>(
    oneComment,
    body({ body: text }),
    async request => {
      const { repository, issue, comment } = find(request.params);
      editComment(world, comment, actor(request), request.body.body);
      return commentShape(repository, issue, comment);
    },
  );

  app.delete<{ Params: Params & { id: string } }>(oneComment, async (request, reply) => {
    const { issue, comment } = find(request.params);
    issue.comments.splice(issue.comments.indexOf(comment), 1);
    return reply.code(204).send();
  });
}

interface NewIssue {
  title: string;
  body?: string | null;
  labels?: string[];
}

interface ChangedIssue extends Partial<NewIssue> {
  state?: 'open' | 'closed';
  state_reason?: Issue['stateReason'];
}

const labels = Type.Optional(Type.Array(text));
const newIssue = body({ title: text, body: optionalText, labels });
const changedIssue = body({
  title: Type.Optional(text),
  body: optionalText,
  labels,
  state: Type.Optional(Type.Enum(['open', 'closed'])),
  state_reason: Type.Optional(
    Type.Union([Type.Enum(['completed', 'not_planned', 'duplicate', 'reopened']), Type.Null()]),
  ),
});

function findIssue(repository: Repository, number: string): Issue {
  const issue = repository.issues.get(Number(number));
  if (!issue) throw notFound();
  return issue;
}
