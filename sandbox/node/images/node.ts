import { join } from 'node:path';
import { base, path, type Recipe } from './recipe.ts';

/** The C library's parts, as every base image with Node has them: npm packages with binaries load what they need. */
const triplet = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch as string];
const libraries = ['c.so.6', 'dl.so.2', 'm.so.6', 'pthread.so.0', 'resolv.so.2', 'rt.so.1', 'util.so.1'];

const packages = join(import.meta.dirname, '../../../node_modules');

/** What services are built on: the Node that npm installs for the scripts here. */
export const node: Recipe = {
  ...base,
  reference: 'slipway.invalid/node:24',
  files: {
    ...base.files,
    '/usr/local/bin/node': join(packages, `node-linux-${process.arch}/bin/node`),
  },
  host: [...libraries, 'gcc_s.so.1', 'stdc++.so.6'].map(name => `/usr/lib/${triplet}/lib${name}`),
  config: {
    Entrypoint: ['/usr/local/bin/node'],
    // Node has a bundle of its own; this is the one with the sandbox's authority in it.
    Env: [path, 'NODE_ENV=production', 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'],
    User: '65532:65532',
    WorkingDir: '/app',
  },
};
