import { expect, test } from 'vitest';
import { UserError } from '../runner/errors.ts';
import { readPlan } from './model.ts';

const plan = (more: string) => readPlan(`{"format_version":"1.2",${more}}`);
function sentence(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
const row = (more: string) => plan(`"resource_changes":[{"address":"a.b",${more}}]`);

test.each([
  ['changes that are a map', '"resource_changes":{}', 'resource_changes must be array,null'],
  ['changes that are a text', '"resource_changes":"x"', 'resource_changes must be array,null'],
  ['a change that is nothing', '"resource_changes":[null]', 'resource_changes/0 must be object'],
  ['a change without an address', '"resource_changes":[{"change":{"actions":["create"]}}]', "'address'"],
  ['an address that is a number', '"resource_changes":[{"address":5,"change":{"actions":[]}}]', '/0/address'],
  ['a change of nothing', '"resource_changes":[{"address":"a.b"}]', "'change'"],
  ['outputs that are a text', '"output_changes":"x"', 'output_changes must be object,null'],
  ['an output that is nothing', '"output_changes":{"x":null}', 'output_changes/x must be object'],
  ['checks that are a map', '"checks":{}', 'checks must be array,null'],
  ['a check of nothing', '"checks":[{}]', "'address'"],
  ['drift that is nothing', '"resource_drift":[null]', 'resource_drift/0 must be object'],
  ['what is deferred without a resource', '"deferred_changes":[{}]', "'resource_change'"],
  ['what follows from nothing', '"relevant_attributes":[null]', 'relevant_attributes/0 must be object'],
  ['what a provider does that is nothing', '"action_invocations":[null]', 'action_invocations/0'],
  ['a variable that is nothing', '"variables":{"a":null}', 'variables/a must be object'],
  ['an output value that is nothing', '"planned_values":{"outputs":{"x":null}}', 'outputs/x must be object'],
  [
    'resources that are a map',
    '"planned_values":{"root_module":{"resources":{}}}',
    'resources must be array',
  ],
  [
    'a module that is nothing',
    '"prior_state":{"values":{"root_module":{"child_modules":[null]}}}',
    '/0 must',
  ],
  ['a version that is a number', '"format_version":1.2', 'not of a plan'],
  [
    'a step to an attribute that is a map',
    '"relevant_attributes":[{"resource":"a.b","attribute":[{"toString":1}]}]',
    'relevant_attributes/0/attribute/0 must be string,number',
  ],
  [
    'a trigger that is a map',
    '"action_invocations":[{"address":"a","lifecycle_action_trigger":{"triggering_resource_address":{"toString":1}}}]',
    'triggering_resource_address must be string',
  ],
  [
    'an event that is a number',
    '"action_invocations":[{"address":"a","lifecycle_action_trigger":{"action_trigger_event":5}}]',
    'action_trigger_event must be string',
  ],
])('%s is one sentence that says where', (_, json, sentence) => {
  expect(() => plan(json)).toThrow(sentence);
  expect(() => plan(json)).toThrow('hand over what "terraform show -json PLAN" prints');
});

test.each(['"create"', '[1]', '{}'])('actions %s are one sentence that says where', actions => {
  expect(() => row(`"change":{"actions":${actions}}`)).toThrow('resource_changes/0/change/actions');
});

test.each(['__proto__', 'constructor', 'toString'])(
  'the action "%s" is refused like any unknown one',
  name => {
    expect(() => row(`"change":{"actions":["${name}"]}`)).toThrow(`"${name}" that is not known here`);
  },
);

test.each([
  ['an action of very many characters', 'x'.repeat(400_000)],
  ['an action of several lines', 'update\n::error::@team'],
  ["an action that is somebody's password", 'correct-horse-battery'],
  ['an action that turns the writing direction', 'update\u202e'],
])('%s is not quoted', (_, name) => {
  const said = sentence(() => row(`"change":{"actions":[${JSON.stringify(name)}]}`));
  expect(said).toContain('resource_changes/0/change/actions/0 must match pattern');
  expect(said.length).toBeLessThan(300);
  expect(said).not.toContain(name);
});

test('a list of very many actions is not quoted', () => {
  const names = JSON.stringify(Array.from({ length: 10_000 }, () => 'update'));
  expect(sentence(() => row(`"change":{"actions":${names}}`)).length).toBeLessThan(300);
});

test.each([
  ['very many characters', '9'.repeat(200_000)],
  ['several lines', '7\n::error::@team <b>\u202e'],
])('a version of %s is not quoted', (_, version) => {
  const said = sentence(() => readPlan(JSON.stringify({ format_version: version })));
  expect(said).toMatch(/^The plan has a format that is no version, and formats 1\.x are understood: /);
  expect(said.length).toBeLessThan(200);
});

test('the place of what is wrong is one line, however its parts are named', () => {
  const said = sentence(() => plan(`"output_changes":{"a\\n\u202e${'x'.repeat(100_000)}":null}`));
  expect(said).toContain('(output_changes/a\\u000a\\u202exxx');
  expect(said.length).toBeLessThan(400);
});

test('parts that are null are parts that are not there', () => {
  const parts = [
    'resource_changes',
    'output_changes',
    'checks',
    'planned_values',
    'prior_state',
    'configuration',
  ];
  expect(plan(parts.map(name => `"${name}":null`).join()).changes).toEqual([]);
});

test('the element of a set stands in a path as it is', () => {
  const path = '"replace_paths":[["ports",{"from":80,"open":true},"from"]]';
  expect(row(`"change":{"actions":["delete","create"],${path}}`).counts.replace).toBe(1);
});
