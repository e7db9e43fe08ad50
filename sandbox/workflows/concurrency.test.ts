import { expect, test } from 'vitest';
import { concurrency, type Wish } from './concurrency.ts';

/** Lets some enter a group one after the other, and ends whoever runs until nobody waits. */
async function played(wishes: Omit<Wish, 'group'>[]): Promise<string[]> {
  const groups = concurrency();
  const seen: string[] = [];
  const running: { name: string; entry: { cancel(): void } }[] = [];
  for (const [index, wish] of wishes.entries()) {
    const name = String(index + 1);
    const entry = {
      cancel() {
        seen.push(`${name} stopped`);
        groups.leave('g', entry);
      },
    };
    groups.enter({ group: 'G', ...wish }, entry).then(turn => {
      seen.push(`${name} ${turn}`);
      if (turn === 'go') running.push({ name, entry });
    });
    await Promise.resolve();
  }
  for (let next = running.shift(); next; next = running.shift()) {
    groups.leave('g', next.entry);
    await new Promise(setImmediate);
  }
  return seen;
}

const [plain, all, stop] = [{}, { queueAll: true }, { cancelInProgress: true }];

test.each<[string, Omit<Wish, 'group'>[], string[]]>([
  ['one waits for the other', [plain, plain], ['1 go', '2 go']],
  ['of those that wait the latest is kept', [plain, plain, plain], ['1 go', '2 cancelled', '3 go']],
  ['or all, in their order', [all, all, all, all], ['1 go', '2 go', '3 go', '4 go']],
  ['who runs makes room', [plain, stop], ['1 go', '1 stopped', '2 go']],
])('%s', async (_, wishes, expected) => {
  expect(await played(wishes)).toEqual(expected);
});

test('who withdraws is not run, and keeps nobody waiting', async () => {
  const groups = concurrency();
  const [one, two, three] = [{ cancel() {} }, { cancel() {} }, { cancel() {} }];
  await groups.enter({ group: 'g', queueAll: true }, one);
  const turns = [two, three].map(entry => groups.enter({ group: 'g', queueAll: true }, entry));
  groups.withdraw(two);
  groups.leave('g', one);
  expect(await Promise.all(turns)).toEqual(['cancelled', 'go']);
});
