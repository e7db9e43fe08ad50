import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body, when it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at whatever came
  body: any;
}

/** Headers as they go over the wire: one name may stand there twice. */
export type Wire = readonly (readonly [string, string])[];

/** One request over a connection of its own. */
export async function send(
  origin: string,
  method: string,
  path: string,
  { headers = [], body }: { headers?: Wire; body?: unknown } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const request = httpRequest({
    hostname,
    port,
    method,
    path,
    agent: false,
    headers: [
      ['host', 'api.example.com'],
      ...(method === 'GET' && text === undefined
        ? []
        : [['content-length', String(Buffer.byteLength(text ?? ''))] as const]),
      ...(text !== undefined && !headers.some(([name]) => name === 'content-type')
        ? [['content-type', 'application/json'] as const]
        : []),
      ...headers,
    ].flat() as unknown as string[],
  });
  request.end(text);
  const [response] = await once(request, 'response');
  let received = '';
  for await (const chunk of response.setEncoding('utf8')) received += chunk;
  return {
    status: response.statusCode,
    headers: response.headers,
    text: received,
    body:
      received !== '' && /json/.test(response.headers['content-type'] ?? '')
        ? JSON.parse(received)
        : undefined,
  };
}

/** Bytes that no client would send. Returns the first line of the answer. */
export async function sendRaw(origin: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  let received = '';
  for await (const chunk of socket.setEncoding('utf8')) received += chunk;
  return received.split('\r\n')[0] ?? '';
}
