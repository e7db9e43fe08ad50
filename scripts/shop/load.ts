import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/*
 * Load for servers of this machine, over connections that stay. It reads no more of an answer than it must to know where
 * the next begins, so that on few cores it takes as little as it can from what it measures.
 */

export interface Target {
  port: number;
  connections: number;
  /** Bytes of a request, made anew for each. */
  request(connection: number): string;
  /** In 127.0.0.0/8, for each connection. */
  localAddress?(connection: number): string;
}

export interface Load {
  /** Of answers to requests of this run, a second. */
  rps: number;
  /** Milliseconds, ascending. */
  times: number[];
  /** How often which status came. */
  statuses: Record<number, number>;
}

/** Every connection asks again as soon as it was answered, for so many milliseconds. */
export async function load(target: Target, milliseconds: number): Promise<Load> {
  const times: number[] = [];
  const statuses: Record<number, number> = {};
  const sockets = await Promise.all(
    Array.from({ length: target.connections }, (_, index) => open(target, index)),
  );
  const begin = performance.now();
  const end = begin + milliseconds;
  await Promise.all(
    sockets.map(async (socket, index) => {
      let asked = 0;
      const ask = () => {
        asked = performance.now();
        socket.write(target.request(index), 'latin1');
      };
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.once('close', () => reject(new Error(`port ${target.port} hung up`)));
        onAnswers(socket, status => {
          const now = performance.now();
          times.push(now - asked);
          statuses[status] = (statuses[status] ?? 0) + 1;
          if (now < end) ask();
          else resolve();
        });
        ask();
      }).finally(() => socket.destroy());
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  return { rps: times.length / seconds, times: times.sort((a, b) => a - b), statuses };
}

async function open({ port, localAddress }: Target, index: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: localAddress?.(index), noDelay: true });
  await once(socket, 'connect');
  return socket.setEncoding('latin1');
}

/** One answer after the other, each with a Content-Length or without a body. */
function onAnswers(socket: Socket, answered: (status: number) => void): void {
  let received = '';
  socket.on('data', (chunk: string) => {
    received += chunk;
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const status = Number(received.slice(9, 12));
    const head = received.slice(0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined && status !== 204 && status !== 304)
      return void socket.destroy(new Error(`an answer without a length: ${head}`));
    if (received.length < end + 4 + Number(length ?? 0)) return;
    received = '';
    answered(status);
  });
}
