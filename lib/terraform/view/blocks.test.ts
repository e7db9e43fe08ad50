import { expect, test } from 'vitest';
import { scrubber } from '../../runner/scrub.ts';
import { readPlan } from '../model.ts';
import { alarm } from './alarm.ts';
import { resourceBlock } from './blocks.ts';

const style = { scrub: scrubber([]), limits: { attributes: 60, characters: 200, lines: 40 } };

function changeOf(change: object) {
  const plan = readPlan(
    JSON.stringify({ format_version: '1.2', resource_changes: [{ address: 'a.b', type: 'a', change }] }),
  );
  const [only] = plan.changes;
  if (!only) throw new Error('the plan changes nothing');
  return { plan, only };
}

test('an identity is shown with its parts, whatever they are', () => {
  const identity = { name: 'x', zone: { toString: 1 }, ids: ['y', 2] };
  const { only } = changeOf({ actions: ['no-op'], importing: { identity } });
  expect(resourceBlock(only, style).title).toBe(
    '+ a.b  # imported by its name x, zone {"toString":1}, ids ["y",2]',
  );
});

test('the element of a set that forces a replacement is named as JSON', () => {
  const { plan, only } = changeOf({
    actions: ['delete', 'create'],
    before: { a: [1] },
    after: { a: [2] },
    replace_paths: [['a', { toString: 1, from: '@' }], [{ valueOf: null }]],
  });
  expect(alarm(plan, style.scrub, name => name).items).toEqual([
    'a.b: replaced because of a[{"from":"@","toString":1}], [{"valueOf":null}]',
  ]);
  expect(resourceBlock(only, style).lines).toEqual(['!   a[0] = 1 → 2']);
});
