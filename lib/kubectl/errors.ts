import { UserError } from '../runner/errors.ts';

export type Reason =
  | 'Unauthorized'
  | 'Forbidden'
  | 'Unavailable'
  | 'UnknownResource'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Refused';

/** What the cluster, or the way to it, answered instead of the thing asked for. */
export class KubernetesError extends UserError {
  override name = 'KubernetesError';
  readonly reason: Reason;

  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Runs `work` and gives `instead` when it fails for this reason: a missing CRD as an empty list, say. */
export async function unless<T, U>(reason: Reason, work: Promise<T>, instead: U): Promise<T | U> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof KubernetesError && error.reason === reason) return instead;
    throw error;
  }
}

// kubectl tells its failures apart by words only. Each of these is one of its fixed phrases: those of the API server's
// status reasons, of client-go's transport and of kubectl's own command factory.
const phrases: [RegExp, Reason][] = [
  [/being terminated|denied the request|failed calling webhook/, 'Refused'], // though it says Forbidden or InternalError
  [/\(Unauthorized\)|must be logged in|asked for the client to provide credentials/, 'Unauthorized'],
  [/\(Forbidden\)/, 'Forbidden'],
  [
    /doesn't have a resource type|no matches for kind|could not find the requested resource/,
    'UnknownResource',
  ],
  [/\(NotFound\)/, 'NotFound'],
  [/\(AlreadyExists\)/, 'AlreadyExists'],
  [
    /Unable to connect|connection to the server|net\/http:|dial tcp|unexpected EOF|connection reset/,
    'Unavailable',
  ],
  [/\((ServiceUnavailable|Timeout|ServerTimeout|TooManyRequests|InternalError)\)/, 'Unavailable'],
];

/**
 * Turns what kubectl printed when it failed into a sentence for the user.
 * @param what what was asked of the cluster, as it reads after "could not": `list services`
 */
export function explain(what: string, stderr: string): KubernetesError {
  const said = stderr
    .split('\n')
    .filter(line => line.trim() && !/^([EWIF]\d{4} |Warning: )/.test(line)) // client-go's own log
    .map(line => line.trim().replace(/^error: /i, ''));
  const text = said.join('; ') || stderr.trim() || 'kubectl gave no reason';
  const reason = phrases.find(([phrase]) => phrase.test(text))?.[1] ?? 'Refused';
  return new KubernetesError(reason, `Could not ${what}: ${advice(reason, text)}`);
}

function advice(reason: Reason, said: string): string {
  switch (reason) {
    case 'Unauthorized':
      return 'the cluster does not accept the kubeconfig\'s credentials (401), which may have expired: give a fresh one as the input "kubeconfig", or leave it out and one is asked of Exoscale';
    case 'Forbidden':
      return `the kubeconfig's user may not do that (403); give one whose user may: ${said}`;
    case 'Unavailable':
      return `the cluster gave no proper answer; see that it runs and that this machine may reach it: ${said}`;
    case 'UnknownResource':
      return unserved(said);
    default:
      return said;
  }
}

/** kubectl says it once for each object. */
function unserved(said: string): string {
  const kinds = [...said.matchAll(/no matches for kind "([^"]+)" in version "([^"]+)"/g)];
  if (kinds.length === 0)
    return `the cluster does not know this kind of object, so its CustomResourceDefinition is not installed there: ${said}`;
  const named = [...new Set(kinds.map(([, kind, version]) => `${kind} in ${version}`))].join(' and ');
  return `the cluster does not serve ${named}: its Kubernetes is too old or too new for that, or the CustomResourceDefinition is not installed there; "kubectl api-resources" lists what it serves`;
}
