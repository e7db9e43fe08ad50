import type { Target } from '../platform/platform.ts';
import type { Credentials } from './signature.ts';

/** Where the state of an environment is kept: an object in a bucket on Exoscale's object storage (SOS). */
export interface StateLocation {
  bucket: string;
  key: string;
  zone: string;
  endpoint: string;
}

export function stateLocation({ platform, environment }: Target): StateLocation {
  const { bucket, zone } = platform.state;
  return {
    bucket,
    key: `${platform.name}/${environment}.tfstate`,
    zone,
    endpoint: `https://sos-${zone}.exo.io`,
  };
}

/** What completes `backend "s3"`, as a file for `-backend-config` in HCL's JSON form. */
export const backendConfig = ({ bucket, key, zone, endpoint }: StateLocation): string =>
  JSON.stringify({ bucket, key, region: zone, endpoints: { s3: endpoint } });

/**
 * SOS takes the keys of Exoscale's API under Amazon's names. Unasked, the SDK adds a checksum and to that end sends a body
 * in Amazon's own chunks, which other storage may keep as they came: https://github.com/hashicorp/terraform/issues/36704
 */
export const backendEnvironment = ({ key, secret }: Credentials): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: key,
  AWS_SECRET_ACCESS_KEY: secret,
  AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
  AWS_RESPONSE_CHECKSUM_VALIDATION: 'when_required',
});
