import { createServer } from 'node:http';
import type { FastifyReply } from 'fastify';
import { collectDefaultMetrics, Histogram, type Registry } from 'prom-client';

/** Counts answers and measures how long they take, by the route's pattern and never by what a client made up. */
export function measure(registry: Registry) {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to its answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  return (
    method: string,
    route: string,
    { statusCode, elapsedTime }: Pick<FastifyReply, 'statusCode' | 'elapsedTime'>,
  ): void => duration.observe({ method, route, status: statusCode }, elapsedTime / 1000);
}

/** Metrics have a port of their own, which no route from outside leads to. */
export function metricsServer(registry: Registry) {
  collectDefaultMetrics({ register: registry });
  return createServer(async (request, response) => {
    if (request.url !== '/metrics') return response.writeHead(404).end();
    const text = await registry.metrics();
    return response.writeHead(200, { 'content-type': registry.contentType }).end(text);
  });
}
