import { once } from 'node:events';
import { request } from 'node:http';
import type { Programs } from './programs.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what comes
  body: any;
}

/**
 * The API through Traefik as the shop's page would ask it, with a session of its own.
 * @param somebody who has a session already (`name=token`), or whose address in 127.0.0.0/8 is their own
 */
export function openClient(
  { port, apiOrigin, shopOrigin }: Pick<Programs, 'port' | 'apiOrigin' | 'shopOrigin'>,
  somebody: { cookie?: string; localAddress?: string } = {},
) {
  let { cookie = '' } = somebody;
  const { localAddress } = somebody;

  async function ask(method: string, path: string, body?: unknown, more: Record<string, string> = {}) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      host: new URL(apiOrigin).host,
      origin: shopOrigin,
      ...(cookie && { cookie }),
      ...(text !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      }),
      ...more,
    };
    const asking = request({ host: '127.0.0.1', port, localAddress, method, path, headers, agent: false });
    asking.end(text);
    const [response] = await once(asking, 'response');
    let received = '';
    for await (const chunk of response.setEncoding('utf8')) received += chunk;
    const given = response.headers['set-cookie']?.[0]?.split(';')[0];
    if (given !== undefined) cookie = given.endsWith('=') ? '' : given;
    const isJson = /json/.test(response.headers['content-type'] ?? '') && received !== '';
    return {
      status: response.statusCode,
      headers: response.headers,
      body: isJson ? JSON.parse(received) : received,
    } as Answer;
  }

  /** @throws {Error} when the answer is not good */
  async function must(
    method: string,
    path: string,
    body?: unknown,
    more?: Record<string, string>,
  ): Promise<Answer> {
    const answer = await ask(method, path, body, more);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }
  return { ask, must };
}

export type Client = ReturnType<typeof openClient>;
