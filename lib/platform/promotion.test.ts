import { expect, test } from 'vitest';
import { UserErrors } from '../runner/errors.ts';
import { parse } from './load.ts';

const environment =
  'zone: ch-gva-2, nodes: { type: standard.medium, count: 1 }, database: { plan: hobbyist-2 }';
const source = (tags: string, promote: string) => `name: shop
repository: https://github.com/acme/platform
state: { bucket: acme-terraform-state, zone: ch-gva-2 }
dns: { zone: example.com, owner: shop }
services:
  ui: { repository: https://github.com/acme/ui, image: ghcr.io/acme/ui, host: shop, tags: ${tags} }
environments:
  staging: { ${environment}, domain: staging.example.com }
  production: { ${environment}, domain: example.com, promote: { from: staging, by: commit, ${promote} } }
`;

function mistakes(tags: string, promote: string): string[] {
  try {
    parse(source(tags, promote));
    return [];
  } catch (error) {
    if (!(error instanceof UserErrors)) throw error;
    return error.message.split('\n').map(line => line.replace(/^platform\.yaml:\d+:\d+: /, ''));
  }
}

test('gates without an environment to take from are refused', () => {
  expect(() => parse(source('{}', '').replace('from: staging, ', 'healthy: true, '))).toThrow(
    /"from" is missing in environments\.production\.promote: add the environment whose pins/,
  );
});

test.each([
  '{ semver: ^1.4 }',
  '{ semver: ">=2 <3 || ^5.0.0-rc.1" }',
  '{ pattern: "ui-(.*)", semver: "1.x" }',
  '{ pattern: "main-(\\\\d+)-.*", newest: numeric }',
  '{ newest: commits }',
])('the tags %s are read', tags => {
  expect(mistakes(tags, 'healthy: true')).toEqual([]);
});

test.each([
  'healthy: true, soak: 1h30m',
  'freeze: [{ from: fri 16:00, to: mon 07:00, time-zone: Europe/Zurich, reason: weekend }]',
  'freeze: [{ from: 2026-12-24 16:00, to: 2027-01-04, time-zone: UTC, reason: holidays }]',
  'approval: production',
  'attestation: { workflow: .github/workflows/release.yml, ref: refs/heads/main }',
  'attestation: { workflow: acme/flows/.github/workflows/build.yaml, trusted-root: root.jsonl }',
  'check: { command: [node, scripts/check.js], timeout: 90s }',
])('the gate %s is read', promote => {
  expect(mistakes('{ semver: ^1 }', promote)).toEqual([]);
});

test.each<[string, RegExp]>([
  ['{ semver: one }', /^"one" is no range of versions: write it as npm does/],
  [
    '{ semver: ^1, newest: numeric, pattern: (.*) }',
    /^Versions have an order already: leave out newest, or semver$/,
  ],
  ['{ pattern: "(" }', /^"\(" is no regular expression/],
  [
    '{ pattern: "main-.*", newest: numeric }',
    /^numeric looks at a group of pattern: write one with parentheses/,
  ],
  ['{ newest: alphabetical }', /^alphabetical looks at a group of pattern/],
  ['{ newest: latest }', /is not how to tell the newer of two builds/],
  ['{ semvr: ^1 }', /^Unknown key "semvr".*did you mean "semver"\?/],
])('the tags %s are refused in one sentence', (tags, message) => {
  expect(mistakes(tags, 'healthy: true')).toEqual([expect.stringMatching(message)]);
});

const freeze = (from: string, to: string, zone = 'Europe/Zurich') =>
  `freeze: [{ from: ${from}, to: ${to}, time-zone: ${zone}, reason: quiet }]`;
test.each<[string, RegExp]>([
  [
    freeze('friday', 'mon'),
    /\.freeze\.0\.from is "friday": write when the freeze begins: a weekday or a date/,
  ],
  [freeze('fri 24:00', 'mon'), /from is "fri 24:00"/],
  [freeze('fri', 'mon', 'Europe/Zürich'), /time-zone is "Europe\/Zürich": write the IANA time zone/],
  [freeze('fri', 'mon', 'Europe/Zurch'), /^There is no time zone "Europe\/Zurch"/],
  [freeze('fri', '2027-01-01'), /^from is a weekday and to a date: write both the same way$/],
  [freeze('2027-01-02', '2027-01-01'), /^The window ends at "2027-01-01", which is not after "2027-01-02"$/],
  [freeze('mon', 'mon 00:00'), /^The window ends at "mon 00:00", which is not after "mon"$/],
  [freeze('2026-02-30', '2026-03-01'), /^There is no day 2026-02-30$/],
  ['freeze: [{ from: fri, to: mon, time-zone: UTC }]', /"reason" is missing.*add the reason, in one line/],
  ['soak: 30', /\.soak is "30": write how long the version must have been healthy.*\(30m, 1h30m, 2d\)/],
  ['soak: m', /\.soak is "m"/],
  ['healthy: yes please', /\.healthy is "yes please": write true when/],
  [
    'check: { command: node check.js }',
    /\.check\.command is "node check\.js": write a command and its arguments, as a list/,
  ],
  [
    'attestation: { workflow: release.yml }',
    /\.attestation\.workflow is "release\.yml": write the workflow that must have built/,
  ],
])('the gate %s is refused in one sentence', (promote, message) => {
  expect(mistakes('{ semver: ^1 }', promote)).toEqual([expect.stringMatching(message)]);
});
