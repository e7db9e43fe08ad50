import { fitted, isOver, type Part, type PartName, type Parts } from './issue-body.ts';

/** What one look at one part has found. */
export type Found = { state: 'drifted'; text: string } | { state: 'clean' } | { state: 'unseen' };

export interface Look {
  part: PartName;
  found: Found;
  /** Where and when. It differs each time: where drift is the same, it is left as it is. */
  seen: string;
  /** The run that looks. A terminal has none. */
  run?: string | undefined;
}

/** The issue as far as it matters here. */
export interface Standing {
  parts: Parts;
  isOpen: boolean;
  /** Somebody has closed it as "not planned". */
  isAccepted: boolean;
}

/**
 * What one look makes of the issue; undefined where that is nothing. Pure. The other parts are left as they are.
 *
 * Drift opens it, opens it again, or brings it up to date; drift that is known already changes nothing, and that somebody has
 * accepted neither. What it told of other parts before it was closed is not told as seen when it is opened again. Where nothing
 * has drifted, an open issue notes that, and the look that makes it all of one run closes it. A look that failed is no such note:
 * it leaves what was known of its part, but not as seen by this run, so that nothing is closed by it.
 */
export function revise(
  issue: Standing | undefined,
  { part, found, seen, run }: Look,
): { parts: Parts; isOpen: boolean } | undefined {
  const standing = issue ?? { parts: new Map<PartName, Part>(), isOpen: false, isAccepted: false };
  const { parts, isOpen, isAccepted } = standing;
  const before = parts.get(part);
  const after = (text: string, others = parts): Parts =>
    new Map([...others, [part, { state: found.state, text, seen, ...(run !== undefined && { run }) }]]);

  if (found.state === 'drifted') {
    const text = fitted(found.text);
    // What was accepted once is still, though the issue was opened again and closed before anybody looked.
    const isTold = before?.state === 'drifted' || (isAccepted && before?.state === 'unseen');
    if (isTold && before?.text === text && (isOpen || isAccepted)) return undefined;
    return { parts: after(text, isOpen ? parts : reopened(standing)), isOpen: true };
  }
  if (!isOpen) return undefined;
  if (found.state === 'unseen') {
    if (!before) return { parts: after(''), isOpen };
    // The run was started again: it has not seen all any more.
    if (before.state !== 'clean' || run === undefined || before.run !== run) return undefined;
    const { run: _, ...rest } = before;
    return { parts: new Map([...parts, [part, rest]]), isOpen };
  }
  const noted = before?.state === 'clean' && before.run === run ? parts : after(before?.text ?? '');
  if (isOver(noted)) return { parts: noted, isOpen: false };
  return noted === parts ? undefined : { parts: noted, isOpen };
}

/**
 * The parts as an issue that is opened again begins with them. While it is closed no look without drift is noted, so what had
 * drifted then may be long gone. What somebody has accepted is kept, to be known again.
 */
const reopened = ({ parts, isAccepted }: Standing): Parts =>
  new Map(
    [...parts].map(([name, part]): [PartName, Part] => [
      name,
      isAccepted && part.state !== 'clean'
        ? { ...part, state: 'unseen' }
        : { state: 'unseen', text: '', seen: '' },
    ]),
  );

/** Whether one issue tells of all that another does, so that the other can go. A part that nobody has seen there tells nothing. */
export const tellsAll = (one: Parts, other: Parts): boolean =>
  [...other].every(([name, { state }]) => {
    const own = one.get(name);
    return own !== undefined && (own.state !== 'unseen' || state === 'unseen');
  });
