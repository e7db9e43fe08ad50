import { UserError, UserErrors } from '../runner/errors.ts';
import { type Fallback, parseFallback } from './fallback.ts';
import { type Resolve, resolverAt } from './resolve.ts';
import { parseSources, type SourceName } from './sources.ts';

/** What the user says of where hosts are looked for. */
export interface SourceInputs {
  /** The kinds of objects that name hosts, as `parseSources` takes them. */
  sources: string;
  /** As `parseFallback` takes it. Without one, the address of the environment's load balancer, asked of Exoscale. */
  target?: string | undefined;
  /** A folder whose manifests are read in place of the cluster. Nothing is written then. */
  manifests?: string | undefined;
  /** Shows how each host stands in place of changing anything. */
  status: boolean;
  /** For the status: a DNS server that is asked too. */
  resolver?: string | undefined;
}

export interface Sought {
  sources: SourceName[];
  fallback: Fallback | undefined;
  resolve: Resolve | undefined;
}

/** @throws UserErrors with all that is wrong with them */
export function sought(
  { sources, target, manifests, status, resolver }: SourceInputs,
  { dryRun }: { dryRun: boolean },
): Sought {
  const errors: UserError[] = [];
  const attempt = <T>(parse: () => T): T | undefined => {
    try {
      return parse();
    } catch (error) {
      if (error instanceof UserErrors) errors.push(...error.errors);
      else if (error instanceof UserError) errors.push(error);
      else throw error;
      return undefined;
    }
  };
  const names = attempt(() => parseSources(sources));
  const fallback = target === undefined ? undefined : attempt(() => parseFallback(target));
  const resolve = resolver === undefined ? undefined : attempt(() => resolverAt(resolver));
  if (manifests !== undefined && !dryRun && !status) {
    errors.push(
      new UserError(
        'Manifests say what is to be, not what runs, so no record is written from them: add dry-run or status',
      ),
    );
  }
  if (errors.length > 0) throw new UserErrors(errors);
  return { sources: names ?? [], fallback, resolve };
}
