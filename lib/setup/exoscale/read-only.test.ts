import { expect, test } from 'vitest';
import { judgePolicy } from './read-only.ts';

const policy = (expression: string, action: 'allow' | 'deny' = 'allow') => ({
  'default-service-strategy': 'deny' as const,
  services: { compute: { type: 'rules' as const, rules: [{ action, expression }] } },
});

test.each([
  ["operation.startsWith('list-')", 'read-only'],
  ['operation.startsWith(\'list-\') || operation.startsWith("get-")', 'read-only'],
  [
    "(operation.startsWith('list-') || operation in ['get-zone', 'get-quota']) && resource.bucket == 'x'",
    'undecided',
  ],
  ["operation.startsWith('get-') && resource.bucket == 'a || b'", 'read-only'],
  ["(operation == 'get-object') || (operation == 'list-objects')", 'read-only'],
  ["operation in ['list-zones', 'create-instance']", 'writes'],
  ["operation.startsWith('get-') || operation == 'delete-instance'", 'writes'],
  ['true', 'writes'],
  [' true ', 'writes'],
  ["operation.startsWith('')", 'undecided'],
  ["operation.startsWith('get')", 'undecided'],
  ["!(operation.startsWith('delete-'))", 'undecided'],
  ["operation != 'delete-instance'", 'undecided'],
  ["operation.startsWith('list-') || resource.bucket == 'x'", 'undecided'],
  ["operation.matches('^(list|get)-')", 'undecided'],
  ['', 'undecided'],
  ["operation in ['list-zones'] ? true : true", 'undecided'],
  ["operation in ['list-zones'] && true ? true : true", 'undecided'],
  ["operation in ['get-a'] == false", 'undecided'],
  ["operation == 'get-object' != true", 'undecided'],
  ["operation == 'get-object' + parameters.more", 'undecided'],
  ["operation in ['get-a'] || operation in ['list-' + parameters.more]", 'undecided'],
  ["operation == 'get-a' && parameters.key == '\\'' || true || '\\'' == ''", 'undecided'],
  ["(operation == 'get-a' && true == '(') || true || (')' == '' && operation == 'get-a')", 'undecided'],
  ["operation == 'get-a' //'\n|| true //'", 'undecided'],
  ['operation == \'get-a\' && parameters.key == "a\'" || true || parameters.key == "\'"', 'undecided'],
  ["operation == 'get-object' && parameters.key.matches('^[^/]+$')", 'read-only'],
])('a rule that allows %j: %s', (expression, kind) => {
  expect(judgePolicy(policy(expression)).kind).toBe(kind);
});

test.each([
  [{ 'default-service-strategy': 'allow' as const, services: {} }, 'writes'],
  [{ 'default-service-strategy': 'deny' as const, services: {} }, 'read-only'],
  [{ 'default-service-strategy': 'deny' as const, services: { sos: { type: 'allow' as const } } }, 'writes'],
  [
    { 'default-service-strategy': 'deny' as const, services: { sos: { type: 'deny' as const } } },
    'read-only',
  ],
  [policy('true', 'deny'), 'read-only'],
])('%j: %s', (each, kind) => {
  expect(judgePolicy(each).kind).toBe(kind);
});
