import { expect, test } from 'vitest';
import { readPlan } from './model.ts';
import { idlePatterns, violations } from './policy.ts';

const planOf = (...changes: [address: string, actions: string[], more?: object][]) =>
  readPlan(
    JSON.stringify({
      format_version: '1.2',
      resource_changes: changes.map(([address, actions, more]) => ({
        address,
        change: { actions },
        ...more,
      })),
    }),
  );

test.each([
  ['exoscale_dbaas.database', 'exoscale_dbaas.database', true],
  ['exoscale_dbaas.database', 'exoscale_dbaas.*', true],
  ['exoscale_dbaas.database', 'exoscale_*.data*', true],
  ['exoscale_dbaas.database', '*.*', true],
  ['exoscale_dbaas.database["eu.a"]', 'exoscale_dbaas.database', true],
  ['exoscale_dbaas.database["eu.a"]', 'exoscale_dbaas.database["eu.*"]', true],
  ['exoscale_dbaas.database["eu.a"]', 'exoscale_dbaas.database["us.*"]', false],
  ['exoscale_dbaas.database[0]', 'exoscale_dbaas.database[*]', true],
  ['exoscale_dbaas.database2', 'exoscale_dbaas.database', false],
  ['exoscale_dbaas.data', 'exoscale_dbaas.database', false],
  ['exoscaleXdbaas.database', 'exoscale.dbaas', false],
  ['module.shop["a"].exoscale_dbaas.database', 'exoscale_dbaas.*', false],
  ['module.shop["a"].exoscale_dbaas.database', 'module.shop', true],
  ['module.shop["a"].exoscale_dbaas.database', 'module.shop["b"]', false],
  ['module.shop["a"].exoscale_dbaas.database', 'module.*.exoscale_dbaas.database', true],
  ['module.shop["a"].exoscale_dbaas.database', 'module.shop.*.database', true],
  ['module.shop["a"].module.b.exoscale_dbaas.database', 'module.shop.exoscale_dbaas.database', false],
  ['module.shop', 'module.shop.exoscale_dbaas.database', false],
])('%s is protected by %s: %s', (address, pattern, expected) => {
  expect(violations(planOf([address, ['delete']]), { protect: [pattern] })).toHaveLength(expected ? 1 : 0);
});

test.each<[string, string[], object, string[]]>([
  ['destroys', ['delete'], {}, ['would be destroyed']],
  ['replaces', ['delete', 'create'], {}, ['would be replaced']],
  ['replaces, new one first', ['create', 'delete'], {}, ['would be replaced']],
  [
    'replaces under a new name',
    ['delete', 'create'],
    { address: 'a.c', previous_address: 'a.b' },
    ['a.c would be'],
  ],
  ['destroys what is left of it', ['delete'], { deposed: 'ab12' }, ['a.b (deposed object ab12) would be']],
  ['replaces and keeps the old one', ['create', 'forget'], {}, []],
  ['forgets', ['forget'], {}, []],
  ['updates', ['update'], {}, []],
])('a plan that %s something protected', (_, actions, more, expected) => {
  expect(violations(planOf(['a.b', actions, more]), { protect: ['a.x', 'a.b'], maxDestroys: 1 })).toEqual(
    expected.map(text => expect.stringContaining(text)),
  );
});

test.each([
  [undefined, []],
  [3, []],
  [
    2,
    [
      'The plan destroys or replaces 3 resources, and max-destroys allows 2: make the change in smaller steps, or raise max-destroys in the same pull request',
    ],
  ],
  [0, [expect.stringContaining('allows 0')]],
])('of three losses %s are allowed', (maxDestroys, expected) => {
  const plan = planOf(
    ['a.b', ['delete']],
    ['a.c', ['delete']],
    ['a.d', ['create', 'delete']],
    ['a.e', ['create']],
  );
  expect(violations(plan, { protect: [], ...(maxDestroys !== undefined && { maxDestroys }) })).toEqual(
    expected,
  );
});

test.each([
  ['exoscale_dbas.*', 'did you mean "exoscale_dbaas.*"?'],
  ['module.other', 'see whether it is mistyped'],
])('a pattern that fits nothing protects nothing, which is said: %s', (pattern, hint) => {
  const plan = planOf(['exoscale_dbaas.database', ['no-op']]);
  expect(idlePatterns(plan, { protect: ['exoscale_dbaas.*', pattern] })).toEqual([
    `protect has "${pattern}", which is no resource of this plan, so it protects nothing: ${hint}`,
  ]);
});

test('a pattern with more than one line stays in one', () => {
  const [said] = violations(planOf(['a.b["x\ny"]', ['delete']]), {
    protect: ['a.b["x\ny\u202e*"]', 'a.b["x\ny"]'],
  });
  expect(said).toContain('protect has "a.b["x\\u000ay"]"');
});
