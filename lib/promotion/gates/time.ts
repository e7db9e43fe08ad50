/** `1d2h30m` in milliseconds; the schema has seen to its form. */
export function duration(text: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** `2026-12-24 16:00 UTC`, rounded up to a whole minute: what is to come is not announced too early. */
export const utc = (time: Date): string =>
  `${new Date(Math.ceil(time.getTime() / 60_000) * 60_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
