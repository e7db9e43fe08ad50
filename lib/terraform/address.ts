/**
 * The steps of a resource's address, each index a step of its own: `module.a["x.y"].b.c[0]` → `module`, `a`, `["x.y"]`,
 * `b`, `c`, `[0]`. https://developer.hashicorp.com/terraform/cli/state/resource-addressing
 */
export const steps = (address: string): string[] =>
  address.match(/\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]|[^.[]+/gs) ?? [];

export const isIndex = (step: string): boolean => step.startsWith('[');
