import { writeReference } from '../reference.ts';
import type { Candidate } from './candidate.ts';
import { type Gate, waits } from './gate.ts';

/** A command of the user's has said yes; it is asked last, and only for what nothing else holds. */
export const check: Gate = {
  name: 'check',
  isLast: true,
  judge: (candidate, { checks }) =>
    checks?.get(checkKey(candidate)) ?? waits('the command was not asked about this version'),
};

export const checkKey = ({ service, after: { revision, image } }: Candidate): string =>
  `${service} ${revision} ${image ? writeReference(image) : ''}`;
