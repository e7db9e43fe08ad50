import { once } from 'node:events';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

/* A collector of traces that understands as much of OTLP as tests look at. */

export interface Span {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  /** Empty for the first of a trace. */
  parentId: string;
  attributes: Record<string, string>;
}

/** Takes traces as protobuf over HTTP, and remembers their spans. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export async function openCollector() {
  const spans: Span[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.url !== '/v1/traces') return response.writeHead(404).end();
    const body = Buffer.concat(chunks);
    spans.push(...readSpans(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    spans,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/*
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 * A request is a list (1) of a resource (1) with its lists (2) of spans (2).
 */
function readSpans(request: Buffer): Span[] {
  return all(request, 1).flatMap(group => {
    const { 'service.name': service = '' } = attributes(all(group, 1)[0] ?? Buffer.of(), 1);
    return all(group, 2)
      .flatMap(scope => all(scope, 2))
      .map(span => ({
        service,
        name: all(span, 5)[0]?.toString() ?? '',
        traceId: all(span, 1)[0]?.toString('hex') ?? '',
        spanId: all(span, 2)[0]?.toString('hex') ?? '',
        parentId: all(span, 4)[0]?.toString('hex') ?? '',
        attributes: attributes(span, 9),
      }));
  });
}

/** Those whose value is text. */
const attributes = (message: Buffer, field: number): Record<string, string> =>
  Object.fromEntries(
    all(message, field).map(pair => [
      all(pair, 1)[0]?.toString() ?? '',
      all(all(pair, 2)[0] ?? Buffer.of(), 1)[0]?.toString() ?? '',
    ]),
  );

/** The values of a field that have a length: texts, bytes and messages. https://protobuf.dev/programming-guides/encoding/ */
function all(message: Buffer, field: number): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const wire = key & 7;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      if (key >> 3 === field) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}
