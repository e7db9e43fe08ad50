import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { DiagConsoleLogger, DiagLogLevel, diag, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** What the kubelet and Prometheus ask for is nobody's request. */
const own = /^\/(healthz|readyz|metrics)\b/;

/**
 * Spans for requests, for what they ask of the database, and for what they ask of others; a `traceparent` that came is gone
 * on with. Where to, how many of them, and by what names stands in the variables that all of OpenTelemetry knows.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function start(service: string): () => Promise<void> {
  diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ERROR);
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': service }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  registerInstrumentations({
    instrumentations: [
      new HttpInstrumentation({
        disableOutgoingRequestInstrumentation: true, // what asks others here is fetch
        ignoreIncomingRequestHook: ({ url }) => own.test(url ?? ''),
      }),
      new PgInstrumentation({ requireParentSpan: true }),
      new UndiciInstrumentation({ requireParentforSpans: true }),
    ],
  });
  // Both are patched when they are next required, and stay so for whoever has imported them before.
  const require = createRequire(import.meta.url);
  for (const name of ['node:http', 'pg']) require(name);
  // The route's pattern, which the server's span cannot know when it begins.
  subscribe('tracing:fastify.request.handler:start', message => {
    const { route } = message as { route: { method: string; url?: string } };
    if (!route.url) return;
    trace.getActiveSpan()?.updateName(`${route.method} ${route.url}`).setAttribute('http.route', route.url);
  });
  return () => provider.shutdown();
}
