import { randomBytes } from 'node:crypto';
import type { Sandbox } from '../sandbox.ts';

/**
 * What stands in the environments of a platform's repository, as the README's table of secrets has it: a job gets what its
 * environment holds, and one without an environment nothing.
 */
export function environmentSecrets({ secrets }: Sandbox): (environment?: string) => Record<string, string> {
  const { EXOSCALE_API_KEY, EXOSCALE_API_SECRET, CLOUDFLARE_API_TOKEN } = secrets;
  const exoscale = { EXOSCALE_API_KEY, EXOSCALE_API_SECRET };
  const REVIEW_KEY = randomBytes(32).toString('base64');
  return environment => {
    if (environment === undefined) return {};
    if (environment.endsWith('-promote')) return exoscale;
    if (environment.endsWith('-plan')) return { ...exoscale, REVIEW_KEY };
    if (environment.endsWith('-drift')) return { ...exoscale, CLOUDFLARE_API_TOKEN };
    return { ...exoscale, CLOUDFLARE_API_TOKEN, REVIEW_KEY };
  };
}
