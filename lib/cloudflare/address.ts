import { get } from 'node:https';
import { isIPv4 } from 'node:net';
import { text } from 'node:stream/consumers';
import { UserError } from '../runner/errors.ts';

const host = 'api.cloudflare.com';

/**
 * The IPv4 address from which this machine goes out, as Cloudflare sees it. No token is needed.
 * https://developers.cloudflare.com/fundamentals/reference/cdn-cgi-endpoint/
 * @throws UserError when it is not told
 */
export async function ownAddress(): Promise<string> {
  const answer = await trace().catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `${host} could not be asked from which address this machine goes out (${error.code ?? error.message}): run this again`,
    );
  });
  const address = /^ip=(\S+)$/m.exec(answer)?.[1] ?? '';
  if (isIPv4(address)) return address;
  throw new UserError(
    `${host} did not say from which IPv4 address this machine goes out: run this again, or where IPv4 is used`,
  );
}

/** By IPv4, on machines that have both. */
const trace = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { family: 4, signal: AbortSignal.timeout(20_000) };
    get(`https://${host}/cdn-cgi/trace`, options, answer => text(answer).then(resolve, reject)).once(
      'error',
      reject,
    );
  });
