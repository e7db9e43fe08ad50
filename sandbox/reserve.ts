/** Things of one sort that take seconds to start, and some of them started before anybody asks. */
export interface Reserve<T> {
  /** Starts so many ahead. One that does not come up fails for whoever takes it. */
  fill(count: number): void;
  /** The one that was started first, or a new one when there is none. */
  take(): Promise<T>;
}

/** @param start makes the nth, from 1 */
export function reserve<T>(start: (number: number) => Promise<T>): Reserve<T> {
  const ahead: Promise<T>[] = [];
  let started = 0;
  return {
    fill(count) {
      for (let each = 0; each < count; each++) {
        const one = start(++started);
        one.catch(() => {}); // nobody may ever ask for it
        ahead.push(one);
      }
    },
    take: () => ahead.shift() ?? start(++started),
  };
}
