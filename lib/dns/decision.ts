import type { DnsRecord } from '../cloudflare/cloudflare.ts';
import type { Operation } from './difference.ts';

/** What is decided for one name. */
export type Decision = {
  name: string;
  /** What leads somewhere there now, everybody's: A, AAAA and CNAME. */
  records: readonly DnsRecord[];
  /** Who wants it to lead elsewhere and does not get it, one clause. */
  disputed?: string;
} & (
  | { kind: 'change'; operations: Operation[]; why: string }
  /** Everything is as wished. */
  | { kind: 'keep' }
  /** What is there stays, for it is not certain what is wished. */
  | { kind: 'hold'; reason: string }
  /** Somebody else's record, or wishes that exclude each other: a person must decide. */
  | { kind: 'conflict'; reason: string }
);

export type Change = Extract<Decision, { kind: 'change' }>;

export const operationsOf = (decisions: readonly Decision[]): Operation[] =>
  decisions.flatMap(each => (each.kind === 'change' ? each.operations : []));

/** The same name with nothing done to it. */
export const left = (
  { name, records, disputed }: Decision,
  kind: 'hold' | 'conflict',
  reason: string,
): Decision => ({ kind, name, records, ...(disputed !== undefined && { disputed }), reason });
