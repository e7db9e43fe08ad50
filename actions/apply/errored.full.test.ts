import { symlinkSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backend, type TerraformWorld, terraformWorld } from '../../sandbox/terraform-world.ts';

let world: TerraformWorld;
beforeAll(async () => {
  world = await terraformWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const secret = 'correct-horse-battery-staple';
const module = `${backend}
resource "terraform_data" "one" {
  input = sensitive("${secret}")
}
resource "terraform_data" "two" {
  depends_on = [terraform_data.one]
}
`;

/** An apply whose state the bucket refuses. */
async function refused(name: string, write = 403) {
  const cwd = await world.checkout(name, module);
  const path = `/${name}/staging\\.tfstate(\\?.*)?$`;
  world.storage.faults.schedule({
    ...{ method: 'PUT', path, times: 100 },
    effect: { kind: 'status', status: write },
  });
  const failed = await world.step('apply', cwd);
  world.storage.faults.clear();
  return { cwd, failed, key: `${name}/staging.tfstate` };
}

test('a state that cannot be uploaded is kept sealed, blocks the next apply, and one command puts it back', async () => {
  const { cwd, failed, key } = await refused('errored');
  expect(failed.code).toBe(1);
  expect(failed.annotations.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('The state could not be uploaded. It is kept sealed in the bucket'),
  );
  expect(failed.log).not.toContain('terraform state push');
  expect(await world.object(key)).toBeUndefined();
  expect(await world.object(`${key}.tflock`)).toBeUndefined();
  const sealed = (await world.object(`${key}.errored`)) ?? '';
  expect(JSON.parse(sealed)).toMatchObject({
    environment: 'staging',
    run: 'https://github.com/acme/platform/actions/runs/1',
  });
  for (const hidden of [secret, Buffer.from(secret).toString('base64'), 'terraform_data'])
    expect(sealed).not.toContain(hidden);
  expect(await readdir(join(cwd, 'terraform'))).not.toContain('errored.tfstate');
  expect(failed.outputs['errored-state']).toBeUndefined();

  const blocked = await world.step('apply', cwd);
  expect(blocked.code).toBe(1);
  expect(blocked.annotations.at(-1)?.message).toMatch(
    /The state of staging could not be uploaded at \S+ by https:\/\/github.com\S+ and is kept sealed .*"npm run slipway -- apply staging --recover"/,
  );
  expect(await world.object(key)).toBeUndefined();

  const recovered = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(recovered.code, recovered.log).toBe(0);
  expect(recovered.log).toContain('The state of staging that could not be uploaded at ');
  expect(recovered.log).toContain('staging: no changes');
  expect(recovered.outputs.changed).toBe('false');
  expect(await world.object(key)).toContain('"name": "two"');
  expect(await world.object(`${key}.errored`)).toBeUndefined();
  expect(recovered.log).not.toContain(secret);

  const nothing = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(nothing.code).toBe(0);
  expect(nothing.log).toContain('There is no state of staging to recover');
});

test('a state that was kept is put back only over the state that it comes from', async () => {
  const { cwd, key } = await refused('older');
  const sealed = (await world.object(`${key}.errored`)) ?? '';

  // Somebody takes the sealed state away by hand and applies: there is another state now.
  await world.remove(`${key}.errored`);
  expect((await world.step('apply', cwd)).code).toBe(0);
  const present = await world.object(key);
  await world.object(`${key}.errored`, sealed);
  const other = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(other.annotations.at(-1)?.message).toMatch(
    /has the lineage \S+, and the present one \S+ they are not of/,
  );
  expect(await world.object(key)).toBe(present);
  expect(await world.object(`${key}.errored`)).toBe(sealed);
  expect(await world.object(`${key}.tflock`)).toBeUndefined();
});

test('a state that was written since is not overwritten with the one that was kept', async () => {
  const cwd = await world.checkout('since', module);
  const key = 'since/staging.tfstate';
  expect((await world.step('apply', cwd)).code).toBe(0);
  await world.edit(cwd, 'terraform/main.tf', `sensitive("${secret}")`, '"two"');
  world.storage.faults.schedule({
    ...{ method: 'PUT', path: `/since/staging\\.tfstate(\\?.*)?$`, times: 100 },
    effect: { kind: 'status', status: 403 },
  });
  expect((await world.step('apply', cwd)).code).toBe(1);
  world.storage.faults.clear();
  const sealed = (await world.object(`${key}.errored`)) ?? '';
  await world.remove(`${key}.errored`);
  await world.edit(cwd, 'terraform/main.tf', 'input = "two"', 'input = "three"');
  expect((await world.step('apply', cwd)).code).toBe(0);
  const present = await world.object(key);

  await world.object(`${key}.errored`, sealed);
  const { annotations } = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(annotations.at(-1)?.message).toContain('The state was written since');
  expect(await world.object(key)).toBe(present);
});

test('a sealed state opens with the key that it was sealed with, and not after a change', async () => {
  const { cwd, key } = await refused('sealed');
  const sealed = JSON.parse((await world.object(`${key}.errored`)) ?? '') as Record<string, unknown>;
  await world.object(`${key}.errored`, JSON.stringify({ ...sealed, serial: 99 }));
  const { annotations } = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(annotations.at(-1)?.message).toContain('cannot be opened: give the Exoscale key with which');
  expect(await world.object(key)).toBeUndefined();
});

test('what is no sealed state is not taken for one, nor for none: nothing is applied, and no lock is left', async () => {
  const cwd = await world.checkout('garbage', module);
  const key = 'garbage/staging.tfstate';
  const sentence = (where: string) =>
    expect.stringMatching(new RegExp(`^${where} is no sealed state, or half of one`));
  for (const body of ['null', '{"version":1,"environment":"staging","at":{}}', 'half']) {
    await world.object(`${key}.errored`, body);
    for (const recover of ['false', 'true']) {
      const { code, annotations, log } = await world.step('apply', cwd, { inputs: { recover } });
      expect(code).toBe(1);
      expect(annotations.at(-1)?.message, log).toEqual(sentence(`${key}.errored in the bucket "\\S+"`));
    }
  }
  await world.remove(`${key}.errored`);
  await writeFile(join(cwd, 'staging.errored.json'), 'half');
  const { annotations } = await world.step('apply', cwd);
  expect(annotations.at(-1)?.message).toEqual(sentence('staging.errored.json'));
  expect(await world.object(key)).toBeUndefined();
  expect(await world.object(`${key}.tflock`)).toBeUndefined();
});

test('a forged state takes no lock off that somebody holds', async () => {
  const { cwd, key } = await refused('forged');
  const sealed = JSON.parse((await world.object(`${key}.errored`)) ?? '') as Record<string, unknown>;
  const lock = JSON.stringify({ ID: 'of-a-run-that-is-at-work', Who: 'ann@laptop' });
  await world.object(`${key}.tflock`, lock);
  await world.object(`${key}.errored`, JSON.stringify({ ...sealed, lock: 'of-a-run-that-is-at-work' }));
  const { annotations } = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(annotations.at(-1)?.message).toContain('cannot be opened');
  expect(await world.object(`${key}.tflock`)).toBe(lock);
});

test('a sealed state that is a file here blocks like one in the bucket', async () => {
  const { cwd, key } = await refused('here');
  const sealed = (await world.object(`${key}.errored`)) ?? '';
  await world.remove(`${key}.errored`);
  await writeFile(join(cwd, 'staging.errored.json'), sealed);
  const blocked = await world.step('apply', cwd);
  expect(blocked.annotations.at(-1)?.message).toContain('put it back with the input "recover"');
  expect(await world.object(key)).toBeUndefined();
  const recovered = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(recovered.code, recovered.log).toBe(0);
  expect(await readdir(cwd)).not.toContain('staging.errored.json');
});

test('a state that could be kept nowhere blocks the next apply like one that was', async () => {
  const cwd = await world.checkout('lost', module);
  const key = 'lost/staging.tfstate';
  world.storage.faults.schedule({
    ...{ method: 'PUT', path: `/${key}(\\?.*)?$`, times: 100 },
    effect: { kind: 'status', status: 403 },
  });
  const failed = await world.step('apply', cwd, {
    // Terraform does not notice that it writes nowhere, as on a disk that is full.
    onLine: line => {
      if (line.startsWith('Plan staging'))
        symlinkSync('/nowhere/at/all', join(cwd, 'terraform/errored.tfstate'));
    },
  });
  world.storage.faults.clear();
  expect(failed.log).toContain('It is kept sealed in the bucket');
  const again = await world.step('apply', cwd);
  expect(again.annotations.at(-1)?.message).toContain('could not be uploaded at');
  const recovered = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(recovered.annotations.at(-1)?.message).toContain('only a part is there, or nothing');
  expect(await world.object(key)).toBeUndefined();
});

test('a folder in which Terraform could not leave its state is refused before anything is applied', async () => {
  const cwd = await world.checkout('dangling', module);
  symlinkSync('/nowhere/at/all', join(cwd, 'terraform/errored.tfstate'));
  const { annotations } = await world.step('apply', cwd);
  expect(annotations.at(-1)?.message).toMatch(/errored\.tfstate is there/);
  expect(await world.object('dangling/staging.tfstate')).toBeUndefined();
});

test('an errored.tfstate of somebody’s own is left where it is, and stops the apply', async () => {
  const cwd = await world.checkout('theirs', module);
  await writeFile(join(cwd, 'terraform', 'errored.tfstate'), '{}');
  const { code, annotations } = await world.step('apply', cwd);
  expect(code).toBe(1);
  expect(annotations.at(-1)?.message).toContain('put it back with "terraform state push errored.tfstate"');
  expect(await readdir(join(cwd, 'terraform'))).toContain('errored.tfstate');
});

test('a clean-up that cannot reach the bucket prints the sealed state before it tries for long', async () => {
  // The state is written after this: what happens when the first one is there happens before.
  const slowly = `depends_on = [terraform_data.one]
  provisioner "local-exec" { command = "sleep 2" }`;
  const cwd = await world.checkout('printed', module.replace('depends_on = [terraform_data.one]', slowly));
  const cancelled = await world.step('apply', cwd, {
    onLine: (line, main) => {
      if (line.includes('one: Creation complete')) {
        world.storage.faults.schedule({
          ...{ path: '/printed/', times: 1_000_000 },
          effect: { kind: 'reset-before' },
        });
        main.kill('SIGINT');
      }
      if (line.includes('The sealed state, to be saved as staging.errored.json'))
        world.storage.faults.clear();
    },
  });
  expect(cancelled.code).toBe(1);
  const log = cancelled.log;
  expect(log).toContain('and the lock stays');
  expect(log.indexOf('The sealed state, to be saved as')).toBeLessThan(
    log.indexOf('It is kept sealed in the bucket'),
  );
  expect(log).not.toContain(secret);
  expect(await world.object('printed/staging.tfstate.errored')).toContain('"environment":"staging"');
  expect(await world.object('printed/staging.tfstate.tflock')).toBeUndefined();
  const recovered = await world.step('apply', cwd, { inputs: { recover: 'true' } });
  expect(recovered.code, recovered.log).toBe(0);
});
