import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { UserError, UserErrors } from './errors.ts';
import { reportError } from './report.ts';
import { terminalRunner } from './terminal.ts';

function screen(properties: { isTTY?: boolean; columns?: number } = {}) {
  const stream = Object.assign(new PassThrough(), properties) as unknown as NodeJS.WriteStream;
  let text = '';
  stream.on('data', chunk => (text += chunk));
  return { runner: terminalRunner(stream), text: () => text };
}

test('a masked value shows in none of its encodings', () => {
  const { runner, text } = screen();
  runner.mask('correct horse');
  runner.info(
    `raw correct horse, base64 ${btoa('correct horse')}, url ${encodeURIComponent('correct horse')}`,
  );
  runner.error('also correct horse in errors');
  expect(text()).toBe('raw ***, base64 ***, url ***\nerror: also *** in errors\n');
});

test('mistakes show where they are', () => {
  const { runner, text } = screen();
  const at = { file: 'platform.yaml', line: 3, column: 9 };
  reportError(runner, new UserErrors([new UserError('No such zone', at), new UserError('No such plan')]));
  expect(text()).toBe('error: platform.yaml:3:9: No such zone\nerror: No such plan\n');
});

test('what the machine lacks is no bug of ours', () => {
  const { runner, text } = screen();
  const full = Object.assign(new Error('no'), { code: 'ENOSPC', syscall: 'write' });
  const closed = Object.assign(new Error('no'), { code: 'EROFS', syscall: 'open', path: 'a.json' });
  const ours = Object.assign(new Error('no'), { code: 'ENOENT', syscall: 'open', path: 'a.json' });
  for (const error of [full, closed, ours]) reportError(runner, error);
  expect(text()).toContain('error: A file could not be used (ENOSPC at write), for there is no space left');
  expect(text()).toContain('error: a.json could not be used (EROFS at open), for the disk can only be read');
  expect(text().match(/This is a bug/g)).toHaveLength(1);
});

test('the live line is for terminals alone, keeps to one line, and gives way to what is printed', () => {
  const log = screen();
  log.runner.progress('waiting');
  expect(log.text()).toBe('');

  const terminal = screen({ isTTY: true, columns: 20 });
  terminal.runner.progress('waiting for something that takes its time');
  expect(terminal.text()).toMatch(/waiting for somethi/);
  expect(terminal.text()).not.toContain('takes its time');
  terminal.runner.info('done');
  expect(terminal.text().endsWith('\r\u001b[Kdone\n')).toBe(true);
});

test('a group says how long its work took, also when it failed', async () => {
  const { runner, text } = screen();
  await expect(runner.group('Plan', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(text()).toMatch(/^Plan\nPlan: \d+ ms\n$/);
});

test('of the outputs those are shown that a person reads', () => {
  const { runner, text } = screen();
  const values = ['3', 'x'.repeat(200), '', 'x'.repeat(201), 'two\nlines', '{"zones":[]}', '[]'];
  for (const [index, value] of values.entries()) runner.output(`o${index}`, value);
  expect(text()).toBe(`o0: 3\no1: ${'x'.repeat(200)}\n`);
});
