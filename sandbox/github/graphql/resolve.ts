import { defaultFieldResolver, GraphQLError, type GraphQLFieldResolver } from 'graphql';
import { ApiError } from '../errors.ts';
import { type Grants, mayResolve, refusal } from '../permissions.ts';
import type { Account, World } from '../world.ts';

/** What every resolver is handed. */
export interface Asked {
  world: World;
  viewer: Account;
  /** Of a token that may not do everything. */
  grants?: Grants | undefined;
  complain(sentence: string): void;
}

/** An error as GitHub tells it: with a type, under HTTP 200. */
export const graphError = (type: string, message: string) =>
  new GraphQLError(message, { extensions: { type } });

/** A field that the stand-in does not have is told, where the default resolver would answer null. */
export const resolveField: GraphQLFieldResolver<unknown, Asked> = async (source, args, asked, info) => {
  const place = `${info.parentType.name}.${info.fieldName}`;
  if (typeof source !== 'object' || source === null || !(info.fieldName in source)) {
    asked.complain(`GraphQL: ${place} is not part of this stand-in`);
    throw graphError('NOT_IMPLEMENTED', `${place} is not part of this stand-in`);
  }
  const isPrivate = 'isPrivate' in source && source.isPrivate === true;
  if (asked.grants && !mayResolve(asked.grants, place, isPrivate)) throw graphError('FORBIDDEN', refusal);
  try {
    return await defaultFieldResolver(source, args, asked, info);
  } catch (error) {
    if (error instanceof ApiError) throw graphError(types[error.status] ?? 'UNPROCESSABLE', sentence(error));
    throw error;
  }
};

const types: Record<number, string> = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN', 404: 'NOT_FOUND' };

const sentence = (error: ApiError) => {
  const [first] = error.errors ?? [];
  if (!first) return error.message;
  const message = first.message ?? `${first.field} is ${first.code}`;
  return message.charAt(0).toUpperCase() + message.slice(1);
};

export interface PageArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

/** One page of a list. Counting needs no size; whoever wants to see items must say how many, at most 100. */
export function connection<T, N>(name: string, all: readonly T[], args: PageArguments, node: (item: T) => N) {
  const page = () => slice(name, all, args);
  return {
    totalCount: all.length,
    nodes: () => page().items.map(node),
    edges() {
      const { items, begin } = page();
      return items.map((item, index) => ({ cursor: cursor(begin + index), node: node(item) }));
    },
    pageInfo() {
      const { items, begin } = page();
      const end = begin + items.length;
      return {
        hasNextPage: end < all.length,
        hasPreviousPage: begin > 0,
        startCursor: items.length > 0 ? cursor(begin) : null,
        endCursor: items.length > 0 ? cursor(end - 1) : null,
      };
    },
  };
}

function slice<T>(name: string, all: readonly T[], { first, last, after, before }: PageArguments) {
  const size = first ?? last;
  if (size === null || size === undefined) {
    throw graphError(
      'MISSING_PAGINATION_BOUNDARIES',
      `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
    );
  }
  if (size < 0 || size > 100) {
    const which = first === size ? 'first' : 'last';
    throw graphError(
      'EXCESSIVE_PAGINATION',
      `Requesting ${size} records on the \`${name}\` connection exceeds the \`${which}\` limit of 100 records.`,
    );
  }
  const from = after ? indexOf(after) + 1 : 0;
  const to = before ? indexOf(before) : all.length;
  const begin = typeof first === 'number' ? from : Math.max(from, to - size);
  const end = typeof first === 'number' ? Math.min(to, from + size) : to;
  return { items: all.slice(begin, end), begin };
}

/** A list of something that never occurs here. */
export const none = (name: string) => (args: PageArguments) => connection(name, [], args, each => each);

const cursor = (index: number) => Buffer.from(`cursor:${index}`).toString('base64');

function indexOf(text: string): number {
  const index = /^cursor:(\d+)$/.exec(Buffer.from(text, 'base64').toString())?.[1];
  if (index === undefined)
    throw graphError('INVALID_CURSOR_ARGUMENTS', `\`${text}\` does not appear to be a valid cursor.`);
  return Number(index);
}
