/**
 * Sends traces to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names. Without one nothing of it is loaded. Called before
 * the first request; what it returns sends what is left.
 * @param service what its spans are called by, unless OTEL_SERVICE_NAME says otherwise
 */
export async function startTracing(
  service: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<() => Promise<void>> {
  if (!environment.OTEL_EXPORTER_OTLP_ENDPOINT) return async () => {};
  const { start } = await import('./sdk.ts');
  return start(service);
}
