import { expect, test } from 'vitest';
import { parseDiff } from './format.ts';

test.each([
  ['nothing', '', []],
  [
    'two files, and the second place of one',
    `main.tf
--- old/main.tf
+++ new/main.tf
@@ -1,4 +1,4 @@
 resource "terraform_data" "a" {
-  input = 1
-  triggers_replace   = 2
+  input            = 1
+  triggers_replace = 2
 }
@@ -40,3 +40,3 @@
-x=1
+x = 1
odd name.tf
--- old/odd name.tf
+++ new/odd name.tf
@@ -7,3 +7,4 @@
 locals {
   a = 1
+
   bb = 2
`,
    [
      { file: 'main.tf', line: 2 },
      { file: 'odd name.tf', line: 9 },
    ],
  ],
])('%s', (_, diff, expected) => {
  expect(parseDiff(diff)).toEqual(expected);
});
