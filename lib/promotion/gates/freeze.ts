import { frozen, local, type Window } from './calendar.ts';
import { type Gate, passed, waits } from './gate.ts';

/**
 * Nothing is promoted within certain times.
 * @param hotfix why it is done all the same, and who asked for it
 */
export const freeze = (windows: readonly Window[], hotfix?: Hotfix): Gate => ({
  name: 'freeze',
  judge(_, { now }) {
    const found = frozen(windows, now);
    if (!found) return passed('no window is open');
    const { window, until } = found;
    const why = `${window.reason}, until ${local(until, window['time-zone'])}`;
    if (!hotfix) return waits(why, until);
    return { outcome: 'bypassed', why: `${why}; hotfix of ${hotfix.actor}: ${hotfix.reason}` };
  },
});

export interface Hotfix {
  reason: string;
  actor: string;
}
