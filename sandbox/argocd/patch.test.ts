import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical } from './object.ts';
import { mergePatch } from './patch.ts';

// In a merge patch null means "remove", so objects that hold null cannot be told by one; Kubernetes' do not.
const { value } = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.string(),
    fc.array(fc.integer(), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }),
  ),
}));

/** RFC 7396, section 2. */
function apply(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isObject ? { ...target } : {};
  for (const [name, inner] of Object.entries(patch)) {
    if (inner === null) delete result[name];
    else result[name] = apply(result[name], inner);
  }
  return result;
}

test('the patch turns one value into the other, and there is none between equals', () => {
  fc.assert(
    fc.property(value, value, (from, to) => {
      const patch = mergePatch(from, to);
      expect(patch === undefined).toBe(canonical(from) === canonical(to));
      if (patch !== undefined) expect(apply(from, patch)).toEqual(to);
    }),
  );
});
