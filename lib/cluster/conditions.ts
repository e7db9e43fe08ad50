/** The conditions of any object's status. */
export const conditions = (status: unknown): Condition[] =>
  (status as { conditions?: Condition[] } | undefined)?.conditions ?? [];

interface Condition {
  type: string;
  status: string;
  message?: string;
}
