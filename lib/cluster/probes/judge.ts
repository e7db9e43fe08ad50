import type { Probe } from './plan.ts';
import type { Answer, Outcome, Shown, Silence } from './probe.ts';

/** What a probe found, in words; without `wrong` all is as it should be. */
export interface Verdict {
  probe: Probe;
  words: string;
  wrong: boolean;
  /** Right today, and worth a word all the same. */
  warning?: string;
}

const day = 24 * 60 * 60 * 1000;
/** cert-manager renews a third of a certificate's life before its end, which is thirty days of ninety. */
const fewDays = 14;

export function judge(probe: Probe, outcome: Outcome, now: number): Verdict {
  if (outcome.kind === 'silence') return { probe, words: silent(probe, outcome), wrong: true };
  if (outcome.kind === 'certificate') return { probe, ...certificate(outcome, now) };
  const words = problem(probe, outcome);
  return { probe, words: words ?? answered(outcome), wrong: words !== undefined };
}

function silent(probe: Probe, { reason }: Silence): string {
  const port = probe.kind === 'redirect' ? 'HTTP' : 'HTTPS';
  switch (reason) {
    case 'refused':
      return `${port} is refused: nothing listens, see the load balancer's services and Traefik's Service`;
    case 'timeout':
      return `${port} is not answered in time: see the security group, the load balancer's health checks, and whether the service behind it hangs`;
    case 'ECONNRESET':
      return `${port} is broken off: no healthy node is behind the load balancer, or it is not HTTP that listens`;
    default:
      return `${port} fails: ${reason}`;
  }
}

function certificate(shown: Shown, now: number): Omit<Verdict, 'probe'> {
  const { subject, issuer, names, expiresAt, distrust, fits } = shown;
  const date = expiresAt.toISOString().slice(0, 10);
  const wrong = (words: string) => ({ words, wrong: true });
  if (/TRAEFIK DEFAULT CERT/i.test(subject))
    return wrong(
      "it is Traefik's own default certificate: none has been issued for this host, or its Secret is not where the route looks for it",
    );
  if (expiresAt.getTime() <= now)
    return wrong(`it expired on ${date}: see the Certificate that should have renewed it`);
  if (!fits) return wrong(`it is for ${names.join(', ') || subject}, not for this host`);
  if (distrust !== undefined)
    return wrong(
      /\(STAGING\)/.test(issuer)
        ? `it is of Let's Encrypt's staging authority (${issuer}), which no browser trusts: change the issuer`
        : `it is not trusted here (${distrust}), its issuer is ${issuer}: let the server send the whole chain, or name the authority in NODE_EXTRA_CA_CERTS`,
    );
  const days = Math.floor((expiresAt.getTime() - now) / day);
  const words = `good until ${date}, ${days} days left`;
  if (days >= fewDays) return { words, wrong: false };
  return {
    words,
    wrong: false,
    warning: `its certificate ends in ${days} days and should have been renewed`,
  };
}

/** What Go's server says where there is no router; a service's own 404 reads otherwise. */
const isTraefiks404 = ({ status, body }: Answer): boolean =>
  status === 404 && body.trim() === '404 page not found';

function problem(probe: Probe, answer: Answer): string | undefined {
  const { status, location } = answer;
  if (probe.kind === 'redirect') {
    if (status >= 301 && status <= 308 && leads(location, probe.host)) return undefined;
    return `HTTP answers ${status}${location ? ` to ${location}` : ''} and does not lead to HTTPS`;
  }
  if (isTraefiks404(answer))
    return '404 of Traefik itself: no router takes this, as its IngressRoute, its Service or one of its middlewares is missing';
  if (probe.kind === 'guarded') {
    if (status === 401) return undefined;
    // Refused before anybody is asked: https://doc.traefik.io/traefik/ `underscoreHeadersStrategy: reject`
    if (status === 400 && probe.claims === 'underscores') return undefined;
    if (status === 429) return '429: a rate limit answers before anybody looks who it is';
    if (status === 500) return '500: Traefik does not reach the user-manager, and lets nobody in';
    if (status >= 502 && status <= 504) return `${status}: the service behind it is not there`;
    if (probe.claims === 'none') return `${status} without a session: this route must answer 401`;
    return `${status} with made-up identity headers: this route must answer 401`;
  }
  if (status >= 500)
    return `${status}: ${status === 500 ? 'the service fails' : 'the service behind it is not there'}`;
  return undefined;
}

function leads(location: string | undefined, host: string): boolean {
  const url = location !== undefined && URL.canParse(location) ? new URL(location) : undefined;
  return url?.protocol === 'https:' && url.hostname === host;
}

const answered = ({ status, location }: Answer): string =>
  location ? `${status} to ${location}` : String(status);
