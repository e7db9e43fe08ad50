/** Milliseconds of the processor's that some work takes; what else the machine does makes no difference. */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** For a test that is about time: how long it may take where other work goes on. */
export const patience = { timeout: 120_000 };
