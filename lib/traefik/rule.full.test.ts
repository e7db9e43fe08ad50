import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRun } from '../../sandbox/run.ts';
import { demandGo, goEnvironment } from '../../sandbox/tools/go.ts';
import { moduleFolder } from '../../sandbox/tools/parts.ts';
import { hostsOf, type RuleHosts } from './hosts.ts';
import { parseRule, type Rule, RuleError } from './rule.ts';

// What Traefik's own parser (pkg/rules of the pinned release) makes of rules; tools/rules holds it in a program.
const run = openRun();
afterAll(() => run.close());
beforeAll(() => demandGo('rules', "compare with Traefik's own parser"));

interface Answer extends RuleHosts {
  tree: string;
  error?: string;
}

async function traefik(rules: readonly string[]): Promise<Answer[]> {
  const tmp = join(run.folder, 'go');
  mkdirSync(tmp, { recursive: true });
  const options = { cwd: moduleFolder('rules'), env: goEnvironment(tmp), maxBuffer: 2 ** 26 };
  const stdout = await new Promise<string>((resolve, reject) => {
    const child = execFile('go', ['run', '.'], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    });
    child.stdin?.end(rules.map(rule => `${JSON.stringify(rule)}\n`).join(''));
  });
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Answer);
}

const shown = (rule: Rule): string => {
  if (rule.kind !== 'matcher') return `${rule.kind}(${rule.rules.map(shown).join(' ')})`;
  return `${rule.negated ? '!' : ''}${rule.name}(${JSON.stringify(rule.values)})`;
};

function ours(rule: string): Answer {
  try {
    return { ...hostsOf(rule), tree: shown(parseRule(rule)) };
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return { hosts: [], patterns: [], tree: '', error: error.message };
  }
}

// Go's grammar knows more than rules are written in. What is left out here is held and reported, never guessed at.
const leftOut = [
  'Host("\\x61.com")', // bytes by their number
  'Host("\\141.com")',
  'Host(`a.com`) // the rest is a comment',
  'Host(`a.com`) /* two\nlines */',
];

const written = [
  ...[
    'Host(`a.com`)',
    'Host("a.com")',
    'host(`A.com`)',
    'HOST(`a.com`)',
    'hOST(`a.com`)',
    'Hostsni(`a.com`)',
  ],
  ...[
    'HostSNI(`*`)',
    'Host(`*.a.com`)',
    'Host(`a.com`, "b.com",)',
    'Host(`a.com` `b.com`)',
    'Host()',
    'Host(``)',
  ],
  ...[
    'HostRegexp(`^a\\.com$`)',
    'HostHeader(`a.com`) || !HostRegexp(`{x:.*}`)',
    'Host(1)',
    'Host(`a` + `b`)',
  ],
  ...['!Host(`a.com`)', '!!Host(`a.com`)', '!(Host(`a.com`) || Path(`/x`)) && Host(`b.com`)', 'Host(`a\nb`)'],
  ...[
    '!(Host(`a.com`) && !Host(`b.com`))',
    '((Host(`a.com`)))',
    '(Host(`a.com`)',
    'Host(`a.com`))',
    'Host',
    '',
  ],
  ...[
    '\nHost(`a.com`) ||\n\tHost(`b.com`)\n',
    'Host(`a.com`)\n|| Host(`b.com`)',
    'Host(\n`a.com`,\n)',
    'Host(`a`\n)',
  ],
  ...[
    'Host(`a.com`) & Path(`/`)',
    'Host(`a.com`) and Path(`/`)',
    "Host('a.com')",
    'Host(`a.com`);',
    'true',
    '`a`',
  ],
  ...[
    'Host("a\\u002ecom")',
    'Host("\\U0001F600")',
    'Host("\\/")',
    'Host("\\ud800")',
    'Host("a\tb")',
    'Host("\\"")',
  ],
  ...['Host(`a.com`) /* && Host(`b.com`) */', 'Path(`Host(a.com)`)', 'Hots(`a.com`)', 'Host(Host(`a.com`))'],
];

const scraps = [
  ...[
    'Host(`a.com`)',
    'host("b.com")',
    'Path(`/`)',
    'HostSNI(`c.com`)',
    'HostRegexp(`d`)',
    'Host(',
    '`a`',
    '"b"',
  ],
  ...['(', ')', '!', '&&', '||', ',', ' ', '\n', '\t', 'Host', 'é', '\\', '`', '"'],
];
const rules = fc.array(fc.constantFrom(...scraps), { maxLength: 12 }).map(parts => parts.join(''));
const joined = fc
  .array(fc.tuple(fc.constantFrom('', '!', '!!', '!(', '('), fc.constantFrom(...scraps.slice(0, 5))), {
    minLength: 1,
    maxLength: 6,
  })
  .chain(parts =>
    fc
      .array(fc.constantFrom(' && ', '||', ' ||\n'), { minLength: parts.length, maxLength: parts.length })
      .map(
        signs =>
          parts.map(([before, call], index) => (index > 0 ? signs[index] : '') + before + call).join('') +
          ')'.repeat(parts.filter(([before]) => before.endsWith('(')).length),
      ),
  );

test('whatever a rule says, it is understood as Traefik understands it', async () => {
  const random = [...fc.sample(rules, 3000), ...fc.sample(joined, 3000)];
  const all = [...written, ...random];
  const answers = await traefik(all);
  const differing = all.flatMap((rule, index) => {
    const { error, ...theirs } = answers[index] as Answer;
    const { error: refusal, ...mine } = ours(rule);
    const agreed = error === undefined ? refusal === undefined : refusal !== undefined;
    if (agreed && (error !== undefined || JSON.stringify(mine) === JSON.stringify(theirs))) return [];
    return [{ rule, theirs: error ?? theirs, mine: refusal ?? mine }];
  });
  expect(differing).toEqual([]);
  expect(answers.filter(({ error }) => error === undefined).length).toBeGreaterThan(1000);
});

test('what we do not follow Traefik in is refused, and so held', async () => {
  const answers = await traefik(leftOut);
  expect(answers.map(({ hosts, error }) => error ?? hosts)).toEqual(leftOut.map(() => ['a.com']));
  expect(leftOut.map(rule => ours(rule).error)).not.toContain(undefined);
});
