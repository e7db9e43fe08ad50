/** Makes the two halves of a graceful end: work that signals do not break off, and the signal that tells it to stop. */
export function graceful(): { stop: AbortSignal; graceful: <T>(work: () => Promise<T>) => Promise<T> } {
  const stop = new AbortController();
  const abort = () => stop.abort();
  return {
    stop: stop.signal,
    async graceful(work) {
      process.on('SIGINT', abort).on('SIGTERM', abort);
      try {
        return await work();
      } finally {
        process.off('SIGINT', abort).off('SIGTERM', abort);
      }
    },
  };
}
