/**
 * Asks about many at once what each caller asks about one. The first of them waits for whoever else comes in the same turn
 * of the event loop; whoever comes while a trip is under way waits for its end, since a trip costs the same for one as for
 * many. A trip that is late is not waited for: others go, `trips` of them at once. No answer is older than its question:
 * nothing is kept, and a trip begins after all who are in it have asked.
 * @param ask answers for all keys, each of which is there once, in their order
 */
export function together<Value>(
  ask: (keys: string[]) => Promise<Value[]>,
  { trips, most, lateMilliseconds = 5 }: { trips: number; most: number; lateMilliseconds?: number },
): (key: string) => Promise<Value> {
  interface Waiting {
    resolve(value: Value): void;
    reject(error: unknown): void;
  }
  const waiting = new Map<string, Waiting[]>();
  let underWay = 0;
  let began = 0;
  let isPlanned = false;
  let late: NodeJS.Timeout | undefined;

  function plan(): void {
    if (isPlanned || late || underWay >= trips || waiting.size === 0) return;
    const wait = underWay === 0 || waiting.size >= most ? 0 : began + lateMilliseconds - performance.now();
    if (wait > 0) {
      late = setTimeout(replan, wait);
      return;
    }
    isPlanned = true;
    setImmediate(() => {
      isPlanned = false;
      void go();
    });
  }

  function replan(): void {
    clearTimeout(late);
    late = undefined;
    plan();
  }

  async function go(): Promise<void> {
    const group = [...waiting].slice(0, most);
    for (const [key] of group) waiting.delete(key);
    underWay++;
    began = performance.now();
    plan(); // for those who are too many for this trip
    try {
      const found = await ask(group.map(([key]) => key));
      if (found.length !== group.length) throw new Error('A store has left out answers');
      for (const [place, [, all]] of group.entries())
        for (const { resolve } of all) resolve(found[place] as Value);
    } catch (error) {
      for (const [, all] of group) for (const { reject } of all) reject(error);
    } finally {
      underWay--;
      replan();
    }
  }

  return key =>
    new Promise((resolve, reject) => {
      const same = waiting.get(key);
      if (same) same.push({ resolve, reject });
      else waiting.set(key, [{ resolve, reject }]);
      plan();
    });
}
