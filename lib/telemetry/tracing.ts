import { createRequire } from 'node:module';

import { propagation, trace } from '@opentelemetry/api';

import { ServeConfigurationError } from '../serving/serving-errors';

const requireHere = createRequire(__filename);

/** Optional peers that export traces. */
const PACKAGES = [
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/core',
  '@opentelemetry/resources',
  '@opentelemetry/exporter-trace-otlp-proto',
] as const;

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
const PROTOCOL = 'http/protobuf';
const DEFAULT_SERVICE_NAME = 'cdktf-brainwave';

/** Running export of traces. */
export interface Tracing {
  /** Sends the spans that have not been sent yet. */
  stop(): Promise<void>;
}

/**
 * Starts to export traces over OTLP if the environment configures it: `OTEL_TRACES_EXPORTER` is `otlp`, or an endpoint is set. All
 * other `OTEL_*` variables that the SDK knows apply, such as `OTEL_SERVICE_NAME` and `OTEL_TRACES_SAMPLER`.
 * @returns undefined if the environment does not ask for traces
 * @throws ServeConfigurationError if a value is not supported or packages are missing
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function startTracing(
  environment: NodeJS.ProcessEnv = process.env,
  load: (name: string) => unknown = requireHere,
): Tracing | undefined {
  const reason = reasonToTrace(environment);
  if (reason === undefined) {
    return undefined;
  }
  requireProtocol(environment);
  const [sdk, core, resources, exporter] = loadPackages(reason, load);
  const provider = new sdk.BasicTracerProvider({
    resource: resources
      .resourceFromAttributes({ 'service.name': DEFAULT_SERVICE_NAME })
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter())],
  });
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  return { stop: () => provider.shutdown() };
}

/** Returns the variable that asks for traces, as the user set it. */
function reasonToTrace(environment: NodeJS.ProcessEnv): string | undefined {
  const { OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporter } = environment;
  if (disabled?.toLowerCase() === 'true' || exporter === 'none') {
    return undefined;
  }
  if (exporter === undefined || exporter === '') {
    return ENDPOINTS.find((name) => environment[name]);
  }
  if (exporter !== 'otlp') {
    throw new ServeConfigurationError(
      `OTEL_TRACES_EXPORTER is "${exporter}", expected otlp or none; set it to otlp`,
    );
  }
  return 'OTEL_TRACES_EXPORTER';
}

function requireProtocol(environment: NodeJS.ProcessEnv): void {
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const protocol = environment[name];
    if (protocol) {
      if (protocol !== PROTOCOL) {
        throw new ServeConfigurationError(
          `${name} is "${protocol}", expected ${PROTOCOL}; set it to ${PROTOCOL} and the endpoint to the collector's port for ` +
            'HTTP, usually 4318',
        );
      }
      return;
    }
  }
}

function loadPackages(reason: string, load: (name: string) => unknown) {
  const missing: string[] = [];
  const loaded = PACKAGES.map((name) => {
    try {
      return load(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') {
        throw error;
      }
      missing.push(name);
      return undefined;
    }
  });
  if (missing.length > 0) {
    const [what, are] = missing.length === 1 ? ['the package', 'is'] : ['the packages', 'are'];
    throw new ServeConfigurationError(
      `${reason} asks for traces, but ${what} ${missing.join(', ')} ${are} not installed; run ` +
        `\`npm install --ignore-scripts ${missing.join(' ')}\`, or set OTEL_TRACES_EXPORTER=none`,
    );
  }
  return loaded as [
    typeof import('@opentelemetry/sdk-trace-base'),
    typeof import('@opentelemetry/core'),
    typeof import('@opentelemetry/resources'),
    typeof import('@opentelemetry/exporter-trace-otlp-proto'),
  ];
}
