import type { Target } from '../platform/platform.ts';
import { UserError } from '../runner/errors.ts';
import { gathering } from '../runner/gather.ts';
import type { EnvironmentRequest } from '../terraform/prepare.ts';

export interface TeardownRequest extends EnvironmentRequest {
  /** The environment's name once more: nobody takes down production by a slip of the finger. */
  confirm?: string | undefined;
  /** For an environment with `protect` in platform.yaml: its domain, which is what visitors will miss. */
  confirmProtected?: string | undefined;
  /** For database services that hold something: their names, between commas. */
  confirmData?: string | undefined;
  /** Delete what is left over and carries our mark. */
  sweep: boolean;
  cloudflareApiToken?: string | undefined;
  /** Put back the state that an earlier run could not upload, and go on from there. */
  recover: boolean;
}

/**
 * Asked before anything is asked of anybody.
 * @throws UserErrors with all that is missing
 */
export function assertConfirmed(request: TeardownRequest, { environment, settings }: Target): void {
  const { confirm, confirmProtected, cloudflareApiToken, dryRun } = request;
  const { protect = [], domain } = settings;
  const { add, tell } = gathering();
  if (!dryRun && confirm !== environment)
    add(
      new UserError(
        `Input "confirm" is "${confirm ?? ''}": write ${environment} there to take ${environment} down, or look first with "dry-run"`,
      ),
    );
  if (!dryRun && protect.length > 0 && confirmProtected !== domain)
    add(
      new UserError(
        `Input "confirm-protected" is "${confirmProtected ?? ''}", and ${environment} is protected ("protect" in platform.yaml has ${protect.join(', ')}): write its domain, ${domain}, there if all of it may go`,
      ),
    );
  if (!cloudflareApiToken)
    add(
      new UserError(
        'Input "cloudflare-api-token" is missing, and without it the DNS records would stay and lead nowhere: give it, or set the variable CLOUDFLARE_API_TOKEN',
      ),
    );
  tell();
}

/** What a teardown of this environment asks for before it asks anybody, for a dry run. */
export function questions({ environment, settings: { protect = [], domain } }: Target): string[] {
  const isProtected = protect.length > 0 ? [`"confirm-protected" must be ${domain}`] : [];
  return [`To take ${environment} down, "confirm" must be ${environment}`, ...isProtected];
}
