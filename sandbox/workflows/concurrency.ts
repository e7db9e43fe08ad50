/** One that wants to run alone in its group. */
export interface Entry {
  /** Ends it while it runs. */
  cancel(): void;
}

export interface Wish {
  group: string;
  cancelInProgress?: boolean;
  /** Keep all that wait, and not the latest alone. */
  queueAll?: boolean;
}

interface Waiting {
  entry: Entry;
  go(turn: 'go' | 'cancelled'): void;
}

export interface Concurrency {
  /** Resolves when it is its turn, or when a later one has taken its place in the queue. */
  enter(wish: Wish, entry: Entry): Promise<'go' | 'cancelled'>;
  /** Who runs has ended. */
  leave(group: string, entry: Entry): void;
  /** Who waits does not want to any more. */
  withdraw(entry: Entry): void;
}

/**
 * Groups in which one runs at a time. Of those that wait the latest is kept, or with `queue: max` all, in their order.
 * https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
 */
export function concurrency(): Concurrency {
  const groups = new Map<string, { running: Entry; waiting: Waiting[] }>();

  return {
    enter({ group, cancelInProgress = false, queueAll = false }, entry) {
      const key = group.toLowerCase();
      const found = groups.get(key);
      if (!found) {
        groups.set(key, { running: entry, waiting: [] });
        return Promise.resolve('go');
      }
      if (cancelInProgress || !queueAll) for (const each of found.waiting.splice(0)) each.go('cancelled');
      const turn = new Promise<'go' | 'cancelled'>(go => found.waiting.push({ entry, go }));
      if (cancelInProgress) found.running.cancel();
      return turn;
    },
    leave(group, entry) {
      const key = group.toLowerCase();
      const found = groups.get(key);
      if (found?.running !== entry) return;
      const next = found.waiting.shift();
      if (!next) {
        groups.delete(key);
        return;
      }
      found.running = next.entry;
      next.go('go');
    },
    withdraw(entry) {
      for (const { waiting } of groups.values()) {
        const index = waiting.findIndex(each => each.entry === entry);
        if (index >= 0) waiting.splice(index, 1)[0]?.go('cancelled');
      }
    },
  };
}
