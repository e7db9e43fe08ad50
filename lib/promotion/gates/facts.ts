import type { Ancestry } from '../../github/ancestry.ts';
import type { Review } from '../../github/reviews.ts';
import type { Application } from './application.ts';
import type { Verdict } from './gate.ts';

/** What was found out before anything is judged; only what a gate that is configured asks for is there. */
export interface Facts {
  now: Date;
  /** The Applications of the environment that the versions come from, by their names. */
  applications?: ReadonlyMap<string, Application>;
  /** By `SERVICE FROM...TO`. */
  ancestry?: ReadonlyMap<string, Ancestry>;
  /** The reviews of this run of a workflow; undefined where this is none. */
  reviews?: readonly Review[] | undefined;
  /** By `SERVICE DIGEST`: who may have built an image depends on the service. */
  attestations?: ReadonlyMap<string, Verdict>;
  /** By `SERVICE REVISION IMAGE`. */
  checks?: ReadonlyMap<string, Verdict>;
}
