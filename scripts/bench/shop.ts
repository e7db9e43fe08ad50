import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../sandbox/ports.ts';
import type { Benchmark } from '../bench.ts';
import { type Customer, crowd } from '../shop/crowd.ts';
import { type Load, load, type Target } from '../shop/load.ts';
import { openShop, type Shop } from '../shop/open.ts';

const rounds = 7;
const seconds = 3;
const connections = 64;
/** Each has an address of its own, so that the cluster's rate limit (50 a second) lets all of them through. */
const customers = 256;

/**
 * How much the shop can take on this machine, load and all. Pairs are measured in turns, so that what else the machine does
 * meets both.
 */
export const benchmark: Benchmark = async say => {
  await using shop = await openShop(say);
  const people = await crowd(shop, customers, customers);
  const bare = await startBare(shop, people);
  const { targets, others, checked } = targetsOf(shop, people, bare);
  const { body } = await shop.client.must('POST', '/products', {
    ...{ name: 'Endless rope', priceMinor: 100, stock: 1_000_000 },
  });
  const measured: Record<string, Load[]> = {};
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? 'a round to warm up' : `round ${round} of ${rounds}`);
    for (const [name, target] of Object.entries(targets(body.id))) {
      const one = checked(name, await load(target, seconds * 1000));
      if (round > 0) measured[name] = [...(measured[name] ?? []), one];
    }
  }
  for (const [name, target] of Object.entries(others)) {
    say(`${name}, for the memory that they take`);
    checked(name, await load(target, 2 * seconds * 1000));
  }
  const rps = (name: string) => median((measured[name] ?? []).map(one => one.rps));
  const ratio = (a: string, b: string) =>
    median((measured[a] ?? []).map((one, round) => one.rps / (measured[b]?.[round]?.rps ?? Number.NaN)));
  for (const name of Object.keys(measured)) say(`${name}: ${Math.round(rps(name))} a second`);
  const { ui, product, 'user-manager': userManager } = shop.services;
  const memory = [ui, product, userManager].map(({ pid }) => mostMemory(pid()));
  const time = [ui, product, userManager].map(({ pid }) => processorSeconds(pid()));
  say(`processor time: ${time.map(seconds => `${Math.round(seconds)} s`).join(', ')}`);
  say(
    `memory of ui, product, user-manager: ${memory.map(bytes => `${Math.round(bytes / 2 ** 20)} MB`).join(', ')}`,
  );
  return {
    figures: {
      auth_ratio: round2(ratio('auth', 'bare')),
      products_rps: Math.round(rps('products')),
      orders_rps: Math.round(rps('orders')),
      orders_p99_ms: Math.round(median((measured.orders ?? []).map(({ times }) => at(times, 0.99)))),
      rss_mb: Math.round(memory.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20),
      traefik_ratio: round2(ratio('products', 'products past Traefik')),
    },
    legend: `GET /auth / a bare node:http server's hash look-up; products and orders a second through Traefik, ${connections} customers at once; most memory of the three services; products through Traefik / past it; median of ${rounds} rounds`,
  };
};

function targetsOf(shop: Shop, people: Customer[], barePort: number) {
  const portOf = (url: string) => Number(new URL(url).port);
  const person = (index: number) => people[index % people.length] as Customer;
  const host = new URL(shop.apiOrigin).host;
  const list = `GET /products?limit=20 HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const auth = (index: number) =>
    [
      'GET /auth HTTP/1.1',
      'Host: user-manager',
      `Cookie: ${person(index).cookie}`,
      'X-Forwarded-Method: GET',
      'X-Forwarded-Proto: https',
      `X-Forwarded-Host: ${host}`,
      'X-Forwarded-Uri: /orders',
      'X-Forwarded-For: 203.0.113.7',
      '\r\n',
    ].join('\r\n');
  const localAddress = (index: number) => person(index).address;

  const targets = (productId: string): Record<string, Target> => {
    const order = JSON.stringify({ lines: [{ productId, quantity: 1 }] });
    const buy = (index: number) =>
      [
        'POST /orders HTTP/1.1',
        `Host: ${host}`,
        `Cookie: ${person(index).cookie}`,
        `Origin: ${shop.shopOrigin}`,
        'Content-Type: application/json',
        `Content-Length: ${order.length}`,
        `Idempotency-Key: ${randomUUID()}`,
        '',
        order,
      ].join('\r\n');
    return {
      bare: { port: barePort, connections, request: auth },
      auth: { port: portOf(shop.services['user-manager'].url), connections, request: auth },
      'products past Traefik': { port: portOf(shop.services.product.url), connections, request: () => list },
      products: { port: shop.port, connections, request: () => list, localAddress },
      orders: { port: shop.port, connections, request: buy, localAddress },
    };
  };

  const login = JSON.stringify({ email: 'nobody@example.com', password: 'not the password' });
  let logins = 0;
  /** What a service does besides that takes memory. Passwords cost the same whoever it is. */
  const others: Record<string, Target> = {
    pages: {
      ...{ port: portOf(shop.services.ui.url), connections },
      request: () => `GET / HTTP/1.1\r\nHost: ${new URL(shop.shopOrigin).host}\r\n\r\n`,
    },
    logins: {
      ...{ port: portOf(shop.services['user-manager'].url), connections },
      request: () => {
        const turn = ++logins;
        return [
          'POST /auth/login HTTP/1.1',
          `Host: ${host}`,
          `Origin: ${shop.shopOrigin}`,
          `X-Forwarded-For: 198.18.${turn >> 8}.${turn & 255}`,
          'Content-Type: application/json',
          `Content-Length: ${login.length}`,
          '',
          login,
        ].join('\r\n');
      },
    },
  };

  const wanted: Record<string, number> = { bare: 204, auth: 204, orders: 201, logins: 401 };
  const checked = (name: string, one: Load): Load => {
    const { [wanted[name] ?? 200]: _, ...others } = one.statuses;
    if (Object.keys(others).length > 0)
      throw new Error(`${name} was answered ${JSON.stringify(one.statuses)}: that is no measurement.`);
    return one;
  };
  return { targets, others, checked };
}

async function startBare(shop: Shop, people: Customer[]): Promise<number> {
  const port = await freePort();
  const tokens = people.map(({ cookie }) => cookie.split('=')[1] ?? '');
  const ready = () => fetch(`http://127.0.0.1:${port}`);
  const program = join(import.meta.dirname, '../shop/bare.ts');
  await shop.run.start('bare', process.execPath, [program, String(port), ...tokens], { ready });
  return port;
}

/** The most memory that a process had, in bytes. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
const mostMemory = (pid: number): number =>
  1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Of user and system. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const processorSeconds = (pid: number): number => {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = rest.split(' ').slice(11, 13).map(Number) as [number, number];
  return (user + system) / 100;
};

const at = (ascending: number[], share: number): number =>
  ascending[Math.ceil(share * ascending.length) - 1] ?? Number.NaN;
const median = (values: number[]): number =>
  at(
    values.toSorted((a, b) => a - b),
    0.5,
  );
const round2 = (value: number): number => Number(value.toFixed(2));
