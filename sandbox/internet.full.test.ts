import { execFile } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const module = new URL('internet.ts', import.meta.url).href;
const alone = process.getuid?.() === 0 && process.platform === 'linux';

/** What a program prints that runs in a network of its own, set up, with `internet` at hand. */
async function inside(program: string): Promise<unknown> {
  const text = `import { createServer } from 'node:http';
    import { once } from 'node:events';
    import { openInternet } from ${JSON.stringify(module)};
    const internet = await openInternet();
    const serve = async (name, port) => {
      const server = createServer((request, response) => response.end(name + ' ' + request.socket.remoteAddress));
      await once(server.listen(port, internet.address), 'listening');
    };
    const ask = async (url) => {
      try { return await (await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(3000) })).text(); }
      catch (error) { return error.cause?.code ?? String(error); }
    };
    const tell = async () => { ${program} };
    console.log(JSON.stringify(await tell()));
    process.exit();`;
  const argv = ['--net', process.execPath, '--input-type=module-typescript', '--eval', text];
  const env = { PATH: process.env.PATH, SLIPWAY_INTERNET: readlinkSync('/proc/self/ns/net') };
  const { stdout } = await promisify(execFile)('unshare', argv, { env });
  return JSON.parse(stdout);
}

test.skipIf(!alone)('forwards what arrives at an address and keeps the client’s', async () => {
  const said = await inside(`
    await serve('shop', 8080);
    const rule = { address: '203.0.113.20', port: 443, protocol: 'tcp', targets: [{ address: internet.address, port: 8080 }] };
    const before = await ask('http://203.0.113.20:443/');
    await internet.forward([rule]);
    const during = await ask('http://203.0.113.20:443/');
    await internet.forward([]);
    return [before, during, await ask('http://203.0.113.20:443/')];`);
  expect(said).toEqual(['ECONNREFUSED', 'shop 203.0.113.1', 'ECONNREFUSED']);
});

test.skipIf(!alone)('gives each target its share', async () => {
  const said = (await inside(`
    await serve('one', 8081);
    await serve('two', 8082);
    const targets = [8081, 8082].map(port => ({ address: internet.address, port }));
    await internet.forward([{ address: '203.0.113.20', port: 80, protocol: 'tcp', targets }]);
    return Promise.all(Array.from({ length: 60 }, () => ask('http://203.0.113.20:80/')));`)) as string[];
  const of = (name: string) => said.filter(line => line.startsWith(name)).length;
  expect([of('one') + of('two'), of('one') > 5, of('two') > 5]).toEqual([60, true, true]);
});

test.skipIf(!alone)('lets nothing out', async () => {
  expect(await inside(`return Promise.all(['http://198.51.100.7/', 'http://10.0.0.1/'].map(ask));`)).toEqual([
    'ENETUNREACH',
    'ENETUNREACH',
  ]);
});
