import { connect } from 'node:net';

/** An answer as it came over the wire. */
export interface Heard {
  /** 0 when the connection was closed without a word. */
  status: number;
  head: string;
  body: string;
}

/**
 * Bytes that no client would send, over a connection of their own; every answer that came until it was closed. The request
 * has to ask for that (`Connection: close`), or be so wrong that the server hangs up.
 * @param bytes one character is one byte
 */
export async function say(port: number, bytes: string, localAddress?: string): Promise<Heard[]> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  let received = '';
  socket.setEncoding('latin1').on('data', chunk => (received += chunk));
  socket.on('error', () => {}); // who is refused early gets a reset for what was still under way
  socket.setTimeout(20_000, () => socket.destroy());
  socket.write(bytes, 'latin1');
  await new Promise(resolve => socket.once('close', resolve));
  return answersIn(received);
}

function answersIn(text: string): Heard[] {
  const answers: Heard[] = [];
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) break;
    const head = rest.slice(0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    const length = Number(/^content-length: *(\d+)$/im.exec(head)?.[1] ?? rest.length);
    answers.push({ status, head, body: rest.slice(end + 4, end + 4 + length) });
    rest = status === 204 || status === 304 ? rest.slice(end + 4) : rest.slice(end + 4 + length);
  }
  return answers.length > 0 ? answers : [{ status: 0, head: '', body: '' }];
}
