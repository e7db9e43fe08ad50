/** What the API itself answers a sound request that cannot be met: not found, in use, busy. Not a fault of the client's. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws Refusal 404 */
export function find<T extends { id: string }>(list: readonly T[], id: string): T {
  const found = list.find(entry => entry.id === id);
  if (!found) throw new Refusal(404, 'Not Found');
  return found;
}

export function remove<T>(list: T[], entry: T): void {
  const index = list.indexOf(entry);
  if (index >= 0) list.splice(index, 1);
}
