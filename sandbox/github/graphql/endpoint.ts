import { readFile } from 'node:fs/promises';
import { buildSchema, execute, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { Type } from 'typebox';
import { grantsOf } from '../authorization.ts';
import { type Api, actor } from '../rest/api.ts';
import { commentNode, issueNode } from './issues.ts';
import { commentOf, findIssue, mutations } from './mutations.ts';
import { actorNode, unresolved } from './objects.ts';
import { repositoryNode } from './repositories.ts';
import { type Asked, resolveField } from './resolve.ts';

let built: Promise<GraphQLSchema> | undefined;

/** GitHub's own schema. Reading it takes a quarter of a second: whoever never asks never waits. */
async function schema(): Promise<GraphQLSchema> {
  const file = new URL('schema.graphql', import.meta.resolve('@octokit/graphql-schema'));
  return buildSchema(await readFile(file, 'utf8'), {
    assumeValid: true,
    assumeValidSDL: true,
    noLocation: true,
  });
}

interface Question {
  query: string;
  variables?: Record<string, unknown> | null;
  operationName?: string | null;
}

const question = {
  schema: {
    body: Type.Object(
      {
        query: Type.String(),
        variables: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
        operationName: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      },
      { additionalProperties: false },
    ),
  },
};

/** `POST /graphql`: real schema, real validation; errors come under HTTP 200, as GitHub sends them. */
export function graphql({ app, world }: Api, complain: (sentence: string) => void): void {
  app.post<{ Body: Question }>('/graphql', question, async request => {
    const { query, variables, operationName } = request.body;
    built ??= schema();
    const grants = grantsOf(world, request.headers.authorization);
    const asked: Asked = { world, viewer: actor(request), grants, complain };
    try {
      const document = parse(query);
      const mistakes = validate(await built, document);
      if (mistakes.length > 0) throw mistakes[0];
      const { data, errors } = await execute({
        schema: await built,
        document,
        rootValue: { ...queries(asked), ...mutations(asked) },
        contextValue: asked,
        variableValues: variables,
        operationName,
        fieldResolver: resolveField,
      });
      for (const { originalError, extensions } of errors ?? []) {
        if (originalError && !extensions.type) complain(`GraphQL: ${originalError.stack}`);
      }
      return { ...(data !== undefined && { data }), ...(errors && { errors: errors.map(tell) }) };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      complain(`GraphQL: ${error.message}`);
      return { errors: [tell(error)] };
    }
  });
}

const tell = ({ message, path, locations, extensions }: GraphQLError) => ({
  ...(extensions.type !== undefined && { type: extensions.type }),
  ...(path && { path }),
  ...(locations && { locations }),
  message,
});

const queries = (asked: Asked) => ({
  viewer: { ...actorNode(asked.viewer), __typename: 'User', login: asked.viewer.login },
  rateLimit: {
    limit: 5000,
    cost: 1,
    remaining: 4999,
    used: 1,
    resetAt: '2100-01-01T00:00:00Z',
    nodeCount: 1,
  },
  repository({ owner, name }: { owner: string; name: string }) {
    const found = asked.world.find(`${owner}/${name}`);
    if (!found) throw unresolved('a Repository', `the name '${owner}/${name}'`);
    return repositoryNode(asked, found);
  },
  node({ id }: { id: string }) {
    const repository = [...asked.world.repositories.values()].find(each => id === `R_${each.id}`);
    if (repository) return repositoryNode(asked, repository);
    if (id.startsWith('IC_')) {
      const { repository: of, issue, comment } = commentOf(asked, id);
      return commentNode(asked, of, issue, comment);
    }
    const { repository: of, issue } = findIssue(asked, id);
    return issueNode(asked, of, issue);
  },
});
