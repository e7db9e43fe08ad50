import { join } from 'node:path';
import { base, path, type Recipe } from './recipe.ts';

const packages = join(import.meta.dirname, '../../../node_modules');

/** What services are built on: the Node that npm installs for the scripts here. */
export const node: Recipe = {
  ...base,
  reference: 'slipway.invalid/node:24',
  files: {
    ...base.files,
    '/usr/local/bin/node': join(packages, `node-linux-${process.arch}/bin/node`),
  },
  config: {
    Entrypoint: ['/usr/local/bin/node'],
    // Node has a bundle of its own; this is the one with the sandbox's authority in it.
    Env: [path, 'NODE_ENV=production', 'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'],
    User: '65532:65532',
    WorkingDir: '/app',
  },
};
