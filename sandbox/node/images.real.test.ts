import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { type Descriptor, type Layout, layout, readIndex, writeIndex } from './images/layout.ts';
import type { Recipe } from './images/recipe.ts';
import { stage } from './images/stage.ts';
import { openRegistry, type Registry } from './registry.ts';

let scratch: string;
let images: Layout;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'images-'));
  images = layout(join(scratch, 'images'));
});
afterEach(() => rmSync(scratch, { recursive: true }));

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const list = (layer: Descriptor) =>
  execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--file', images.blob(layer.digest) ?? ''], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' },
  });

/** A service as it lies in a checkout whose owner keeps everything to himself. */
function service(): string {
  const folder = join(scratch, `service-${crypto.randomUUID()}`);
  const deep = join(folder, 'node_modules', 'x'.repeat(60), 'y'.repeat(60));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(folder, 'main.js'), 'hello');
  chmodSync(join(folder, 'main.js'), 0o600);
  writeFileSync(join(deep, 'index.js'), '');
  symlinkSync('../main.js', join(folder, 'node_modules', 'app.js'));
  chmodSync(folder, 0o700);
  return folder;
}

test("a service's folder becomes a layer that everybody may read, and the same one each time", async () => {
  const layer = await images.addLayer(service(), 'app');
  const again = await images.addLayer(service(), 'app');
  expect(again).toEqual(layer);
  expect(digestOf(readFileSync(images.blob(layer.digest) ?? ''))).toBe(layer.digest);
  expect(statSync(images.blob(layer.digest) ?? '').size).toBe(layer.size);
  const entries = list(layer);
  expect(entries).toMatch(/^drwxr-xr-x 0\/0 .* 1970-01-01 00:00 app\/$/m);
  expect(entries).toMatch(/^-rw-r--r-- 0\/0 .* app\/main\.js$/m);
  expect(entries).toMatch(/ app\/node_modules\/app\.js -> \.\.\/main\.js$/m);
  expect(entries).toMatch(/ app\/node_modules\/x{60}\/y{60}\/index\.js$/m);
});

test('an image is what the OCI image specification says', async () => {
  const layer = await images.addLayer(service(), 'app');
  const image = images.addImage([layer], { Entrypoint: ['/app'], User: '1000' });
  writeIndex(images.folder, new Map([['ghcr.io/acme/x:v1', image]]));
  expect(readIndex(images.folder)).toEqual(new Map([['ghcr.io/acme/x:v1', image]]));
  expect(readFileSync(join(images.folder, 'oci-layout'), 'utf8')).toBe('{"imageLayoutVersion":"1.0.0"}');

  const { manifest, config } = images.read(image.digest);
  expect(manifest).toMatchObject({ schemaVersion: 2, mediaType: image.mediaType, layers: [layer] });
  expect(manifest.config.mediaType).toBe('application/vnd.oci.image.config.v1+json');
  expect(config).toMatchObject({
    os: 'linux',
    config: { Entrypoint: ['/app'], User: '1000' },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  for (const { digest, size } of [image, manifest.config, layer]) {
    const bytes = readFileSync(images.blob(digest) ?? '');
    expect([digestOf(bytes), bytes.length]).toEqual([digest, size]);
  }
});

test.runIf(process.platform === 'linux')(
  'a program takes along what it is linked with, and runs',
  async () => {
    const recipe: Recipe = {
      reference: 'x',
      host: ['/bin/ls', '/bin/cat'],
      links: { '/lib': 'usr/lib', '/lib64': 'usr/lib64', '/bin': 'usr/bin', '/usr/bin/list': 'ls' },
      text: { '/etc/hello': 'hello\n', '/run.sh': '#!/bin/sh\n' },
      folders: { '/work': { mode: 0o1777 } },
      config: {},
    };
    const root = join(scratch, 'root');
    await stage(recipe, root);
    expect(list(await images.addLayer(root))).toMatch(/^drwxrwxrwt .* \.\/work\/$/m);
    expect(statSync(join(root, 'run.sh')).mode & 0o777).toBe(0o755);
    if (process.getuid?.() !== 0) return;
    expect(execFileSync('chroot', [root, '/bin/cat', '/etc/hello'], { encoding: 'utf8' })).toBe('hello\n');
    expect(execFileSync('chroot', [root, '/bin/list', '/work'], { encoding: 'utf8' })).toBe('');
  },
);

const open: Registry[] = [];
afterAll(() => Promise.all(open.map(registry => registry.close())));

// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling
test('the registry gives out what is pulled, by tag and by digest, as of when it is asked', async () => {
  const layer = await images.addLayer(service(), 'app');
  const image = images.addImage([layer], { Cmd: ['1'] });
  const known = new Map([['ghcr.io/acme/x:v1', image]]);
  const find = (name: string) => known.get(name) ?? [...known.values()].find(({ digest }) => digest === name);
  const registry = await openRegistry({ find, blob: images.blob }, '127.0.0.1');
  open.push(registry);
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(registry.url + path, { method });
    return {
      status: response.status,
      headers: response.headers,
      body: Buffer.from(await response.arrayBuffer()),
    };
  };

  expect((await ask('/v2/')).status).toBe(200);
  const manifest = '/v2/acme/x/manifests/v1?ns=ghcr.io'; // as containerd asks a mirror
  const answer = await ask(manifest);
  expect([answer.status, digestOf(answer.body)]).toEqual([200, image.digest]);
  expect(answer.headers.get('content-type')).toBe('application/vnd.oci.image.manifest.v1+json');
  expect(answer.headers.get('docker-content-digest')).toBe(image.digest);
  const head = await ask(manifest, 'HEAD');
  expect([head.status, head.body.length]).toEqual([200, 0]);
  expect(head.headers.get('content-length')).toBe(String(image.size));
  const byDigest = await ask(`/v2/ghcr.io/acme/x/manifests/${image.digest}`); // as everybody else does
  expect(byDigest.body).toEqual(answer.body);
  const blob = await ask(`/v2/acme/x/blobs/${layer.digest}?ns=ghcr.io`);
  expect([blob.status, digestOf(blob.body)]).toEqual([200, layer.digest]);

  known.set('ghcr.io/acme/x:v2', images.addImage([layer], { Cmd: ['2'] }));
  expect((await ask('/v2/acme/x/manifests/v2?ns=ghcr.io')).status).toBe(200);
  for (const [path, method, status, code] of [
    ['/v2/acme/x/manifests/v3?ns=ghcr.io', 'GET', 404, 'MANIFEST_UNKNOWN'],
    ['/v2/acme/x/manifests/v1', 'GET', 404, 'MANIFEST_UNKNOWN'],
    [`/v2/acme/x/blobs/sha256:${'0'.repeat(64)}`, 'GET', 404, 'BLOB_UNKNOWN'],
    ['/v2/acme/x/blobs/..%2f..%2foci-layout', 'GET', 404, 'BLOB_UNKNOWN'],
    ['/v2/acme/x/blobs/uploads/', 'POST', 405, 'UNSUPPORTED'],
  ] as const) {
    const refused = await ask(path, method);
    expect(refused.status, path).toBe(status);
    expect(JSON.parse(refused.body.toString())).toMatchObject({ errors: [{ code }] });
  }
});
