import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Part, type PartName, type Parts, partNames } from './issue-body.ts';
import { type Found, type Look, revise, type Standing, tellsAll } from './revise.ts';

const part = (state: Part['state'], run: string, text = ''): Part => ({ state, text, seen: run, run });
const issue = (parts: Partial<Record<PartName, Part>>, change: Partial<Standing> = {}): Standing => ({
  ...{ isOpen: true, isAccepted: false },
  parts: new Map(Object.entries(parts) as [PartName, Part][]),
  ...change,
});
const look = (name: PartName, found: Found, run = '7'): Look => ({ part: name, found, run, seen: run });
const drifted = (text: string): Found => ({ state: 'drifted', text });
const clean: Found = { state: 'clean' };
const unseen: Found = { state: 'unseen' };
const closed = { isOpen: false };
const accepted = { isOpen: false, isAccepted: true };
/** A part of which nobody knows anything since the issue was opened again. */
const forgotten: Part = { state: 'unseen', text: '', seen: '' };

type Expected = { isOpen: boolean; parts: Partial<Record<PartName, Part>> } | undefined;

test.each<[string, Standing | undefined, Look, Expected]>([
  [
    'drift, and no issue',
    undefined,
    look('DNS', drifted('a')),
    { isOpen: true, parts: { DNS: part('drifted', '7', 'a') } },
  ],
  ['no drift, and no issue', undefined, look('DNS', clean), undefined],
  ['a look that failed, and no issue', undefined, look('DNS', unseen), undefined],
  ['the same drift', issue({ DNS: part('drifted', '6', 'a') }), look('DNS', drifted('a')), undefined],
  [
    'other drift, and another part',
    issue({ DNS: part('drifted', '6', 'a'), Cluster: part('drifted', '6', 'c') }),
    look('DNS', drifted('b')),
    { isOpen: true, parts: { DNS: part('drifted', '7', 'b'), Cluster: part('drifted', '6', 'c') } },
  ],
  [
    'no drift any more, and another part that has',
    issue({ DNS: part('drifted', '6', 'a'), Cluster: part('drifted', '6', 'c') }),
    look('DNS', clean),
    { isOpen: true, parts: { DNS: part('clean', '7', 'a'), Cluster: part('drifted', '6', 'c') } },
  ],
  [
    'no drift any more, in the only part',
    issue({ Terraform: part('drifted', '6', 'a') }),
    look('Terraform', clean),
    { isOpen: false, parts: { Terraform: part('clean', '7', 'a') } },
  ],
  [
    'no drift any more, and another part whose last look is of another run',
    issue({ DNS: part('drifted', '6', 'a'), Cluster: part('clean', '6') }),
    look('DNS', clean),
    { isOpen: true, parts: { DNS: part('clean', '7', 'a'), Cluster: part('clean', '6') } },
  ],
  [
    'the last look of a run without drift',
    issue({ DNS: part('clean', '7', 'a'), Cluster: part('clean', '6') }),
    look('Cluster', clean),
    { isOpen: false, parts: { DNS: part('clean', '7', 'a'), Cluster: part('clean', '7') } },
  ],
  [
    'the last look of a run in which another has failed',
    issue({ DNS: part('clean', '6'), Cluster: part('unseen', '6'), Terraform: part('clean', '7') }),
    look('DNS', clean),
    {
      isOpen: true,
      parts: { DNS: part('clean', '7'), Cluster: part('unseen', '6'), Terraform: part('clean', '7') },
    },
  ],
  [
    'a first look that failed',
    issue({ DNS: part('drifted', '6', 'a') }),
    look('Cluster', unseen),
    { isOpen: true, parts: { DNS: part('drifted', '6', 'a'), Cluster: part('unseen', '7') } },
  ],
  [
    'a look that failed, where drift was',
    issue({ DNS: part('drifted', '6', 'a') }),
    look('DNS', unseen),
    undefined,
  ],
  ['a look that failed, where none was', issue({ DNS: part('clean', '6') }), look('DNS', unseen), undefined],
  [
    'a look that failed, where the same run had found none: it was started again',
    issue({ DNS: part('clean', '7', 'a'), Cluster: part('drifted', '7', 'c') }),
    look('DNS', unseen),
    {
      isOpen: true,
      parts: { DNS: { state: 'clean', text: 'a', seen: '7' }, Cluster: part('drifted', '7', 'c') },
    },
  ],
  [
    'a look that failed in a terminal, where one before had found none',
    issue({ DNS: { state: 'clean', text: 'a', seen: '' } }),
    { part: 'DNS', found: unseen, seen: '' },
    undefined,
  ],
  [
    'no drift any more, in the only part, seen in a terminal',
    issue({ DNS: part('drifted', '6', 'a') }),
    { part: 'DNS', found: clean, seen: '' },
    { isOpen: false, parts: { DNS: { state: 'clean', text: 'a', seen: '' } } },
  ],
  [
    'no drift any more, and another part that was seen in a terminal too, whenever that was',
    issue({ DNS: part('drifted', '6', 'a'), Cluster: { state: 'clean', text: 'c', seen: '' } }),
    { part: 'DNS', found: clean, seen: '' },
    {
      isOpen: true,
      parts: {
        DNS: { state: 'clean', text: 'a', seen: '' },
        Cluster: { state: 'clean', text: 'c', seen: '' },
      },
    },
  ],
  [
    'no drift, twice in one run',
    issue({ DNS: part('clean', '7'), Cluster: part('drifted', '6', 'c') }),
    look('DNS', clean),
    undefined,
  ],
  [
    'no drift, in an issue that somebody has opened again',
    issue({ DNS: part('clean', '7', 'a') }),
    look('DNS', clean),
    { isOpen: false, parts: { DNS: part('clean', '7', 'a') } },
  ],
  [
    'no drift, and the issue is closed',
    issue({ DNS: part('drifted', '6', 'a') }, closed),
    look('DNS', clean),
    undefined,
  ],
  [
    'drift again',
    issue({ DNS: part('clean', '6', 'a'), Cluster: part('clean', '6', 'c') }, closed),
    look('DNS', drifted('a')),
    { isOpen: true, parts: { DNS: part('drifted', '7', 'a'), Cluster: forgotten } },
  ],
  [
    'the same drift in an issue that was closed as done',
    issue({ DNS: part('drifted', '6', 'a') }, closed),
    look('DNS', drifted('a')),
    { isOpen: true, parts: { DNS: part('drifted', '7', 'a') } },
  ],
  [
    'the same drift, accepted',
    issue({ DNS: part('drifted', '6', 'a') }, accepted),
    look('DNS', drifted('a')),
    undefined,
  ],
  [
    'other drift than was accepted, which nobody has looked at yet and is kept to be known again',
    issue({ DNS: part('drifted', '6', 'a') }, accepted),
    look('Cluster', drifted('c')),
    { isOpen: true, parts: { DNS: part('unseen', '6', 'a'), Cluster: part('drifted', '7', 'c') } },
  ],
  [
    'what was accepted, in an issue that was opened again since',
    issue({ DNS: part('unseen', '6', 'a'), Cluster: part('drifted', '7', 'c') }),
    look('DNS', drifted('a')),
    { isOpen: true, parts: { DNS: part('drifted', '7', 'a'), Cluster: part('drifted', '7', 'c') } },
  ],
  [
    'what was accepted, and once more before it was looked at again',
    issue({ DNS: part('unseen', '6', 'a'), Cluster: part('drifted', '7', 'c') }, accepted),
    look('DNS', drifted('a')),
    undefined,
  ],
  [
    'other drift than an issue told that was closed as done',
    issue({ Terraform: part('drifted', '6', 'a'), Cluster: part('unseen', '5', 'c') }, closed),
    look('DNS', drifted('d')),
    { isOpen: true, parts: { Terraform: forgotten, Cluster: forgotten, DNS: part('drifted', '7', 'd') } },
  ],
  [
    'an issue from before there were parts',
    issue({}),
    look('Terraform', drifted('a')),
    { isOpen: true, parts: { Terraform: part('drifted', '7', 'a') } },
  ],
])('%s', (_, before, asked, expected) => {
  const found = revise(before, asked);
  expect(found && { isOpen: found.isOpen, parts: Object.fromEntries(found.parts) }).toEqual(expected);
});

test.each<[string, Part | undefined, Part, boolean]>([
  ['drift in another, of a part that it does not have', undefined, part('drifted', '6', 'a'), false],
  ['drift in another, of a part that it has not seen', part('unseen', '7'), part('drifted', '6', 'a'), false],
  ['no drift in another, of a part that it has not seen', part('unseen', '7'), part('clean', '6'), false],
  ['drift in another, of a part that it has seen', part('clean', '7'), part('drifted', '6', 'a'), true],
  ['a part that neither has seen', part('unseen', '7'), part('unseen', '6'), true],
])('whether an issue tells of %s', (_, own, others, expected) => {
  const one = issue({ Terraform: part('drifted', '7', 't'), ...(own && { DNS: own }) });
  expect(tellsAll(one.parts, issue({ DNS: others }).parts)).toBe(expected);
});

const found = fc.oneof(
  fc.constantFrom('a', 'b').map(drifted),
  fc.constant(clean),
  fc.constant(unseen), // which also stands for one that was killed before it could write
);
const night = fc.record({
  ...{ Terraform: found, Cluster: found, DNS: found, killed: fc.boolean() },
  /** The run of the night before is started again. */
  again: fc.boolean(),
  /** What a person does with the issue in the morning. */
  closes: fc.constantFrom(undefined, undefined, 'completed', 'not planned'),
});

test('nights: open whenever a part has drifted, closed only by a run that has seen all that it tells of and found nothing', () => {
  fc.assert(
    fc.property(fc.array(night, { maxLength: 6 }), nights => {
      let issue: Standing | undefined;
      /** What the looks have found since a person closed the issue. */
      const known = new Map<PartName, Found>();
      /** What the issue told when somebody closed it as "not planned". */
      const silent = new Map<PartName, string>();
      /** What this run has found, a look that failed included. */
      const seen = new Map<PartName, Found>();
      let run = 0;
      for (const all of nights) {
        if (!all.again) {
          run++;
          seen.clear();
        }
        for (const name of partNames) {
          const here = all[name];
          if (all.killed && here.state === 'unseen') continue;
          const was = issue;
          // Twice: a run that is started again, or an answer that was lost.
          for (let time = 0; time < 2; time++) {
            const next = revise(issue, look(name, here, String(run)));
            expect(time === 1 && next).toBeFalsy();
            if (!next) continue;
            issue = { ...next, isAccepted: false };
            others(was, issue.parts, name);
          }
          seen.set(name, here);
          if (here.state !== 'unseen') known.set(name, here);
          const isSilent = was?.isAccepted && here.state === 'drifted' && silent.get(name) === here.text;
          if (isSilent) expect(issue).toBe(was);
          if ((was?.isOpen || issue?.isOpen) && here.state !== 'unseen') silent.delete(name);
          if (was?.isOpen && !issue?.isOpen)
            for (const each of was.parts.keys()) expect(seen.get(each)?.state).toBe('clean');
        }
        const loud = [...known].some(
          ([name, each]) =>
            each.state === 'drifted' && !(issue?.isAccepted && silent.get(name) === each.text),
        );
        if (loud) expect(issue?.isOpen).toBe(true);
        if (issue?.isOpen)
          for (const [name, { state, text }] of issue.parts)
            if (state === 'drifted') expect(known.get(name)).toEqual(drifted(text));
        if (partNames.every(name => all[name].state === 'clean')) expect(issue?.isOpen ?? false).toBe(false);

        if (!issue?.isOpen || !all.closes) continue;
        issue = { ...issue, isOpen: false, isAccepted: all.closes === 'not planned' };
        if (!issue.isAccepted) silent.clear();
        else for (const [name, each] of known) if (each.state === 'drifted') silent.set(name, each.text);
        known.clear();
      }
    }),
  );
});

/** Nobody's part is touched but the own one, except that an issue that is opened again tells nothing of others as seen. */
function others(before: Standing | undefined, after: Parts, own: PartName): void {
  for (const [name, each] of before?.parts ?? []) {
    const past = before?.isAccepted && each.state !== 'clean' ? { ...each, state: 'unseen' } : forgotten;
    if (name !== own) expect(after.get(name)).toEqual(before?.isOpen ? each : past);
  }
}
