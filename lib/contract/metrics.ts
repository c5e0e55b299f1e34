/**
 * Metrics of the scoring server. The server declares them from these definitions, and alert rules, dashboards and
 * `metricXxx()` methods query them by the same names. Names, labels and units are public API.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */

/** Labels and help text of a metric, as `prom-client` takes them. */
interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  /** Each label has a bounded set of values. */
  readonly labelNames: readonly string[];
}

interface HistogramDefinition extends MetricDefinition {
  /** Upper bounds of the buckets, in the metric's unit, without `+Inf`. */
  readonly buckets: readonly number[];
}

/** From a model without an image on an accelerator to a batch of photos on a busy CPU. */
const DURATION_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 0.75, 1, 2.5, 5, 10, 30,
] as const;

/** Names, labels and buckets of the metrics that the scoring server exposes. */
export const METRICS = {
  /** Counter. `code` is the name of the gRPC status, such as `OK`; HTTP calls have the status that maps to theirs. */
  requests: {
    name: 'brainwave_requests_total',
    help: 'Calls that the server has answered, by method and gRPC status, without health checks.',
    labelNames: ['method', 'code'],
  },
  /** Histogram. */
  requestDuration: {
    name: 'brainwave_request_duration_seconds',
    help: 'Time from the arrival of a call to its answer, by method.',
    labelNames: ['method'],
    buckets: DURATION_BUCKETS,
  },
  /** Histogram. `stage` is `queue`, `decode`, or the kind of a pipeline stage with its position. */
  stageDuration: {
    name: 'brainwave_stage_duration_seconds',
    help: 'Time that a part of a call spends in the queue, in decoding and in each stage of the pipeline.',
    labelNames: ['stage'],
    buckets: DURATION_BUCKETS,
  },
  /** Histogram. */
  batchSize: {
    name: 'brainwave_batch_size',
    help: 'Images or rows that a stage of the pipeline runs at once.',
    labelNames: ['stage'],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
  },
  /** Gauge. */
  callsInFlight: {
    name: 'brainwave_calls_in_flight',
    help: 'Scoring calls in flight.',
    labelNames: [],
  },
  /** Gauge. */
  callsInFlightLimit: {
    name: 'brainwave_calls_in_flight_limit',
    help: 'Maximum number of scoring calls in flight. Further calls fail with RESOURCE_EXHAUSTED.',
    labelNames: [],
  },
  /** Gauge. */
  queueLength: {
    name: 'brainwave_queue_length',
    help: 'Parts of calls that wait for a worker thread.',
    labelNames: [],
  },
  /** Counter. */
  refusedKeys: {
    name: 'brainwave_refused_keys_total',
    help: 'Calls refused because their key is missing or wrong.',
    labelNames: [],
  },
  /** Counter. `result` is `success` or `failure`. */
  reloads: {
    name: 'brainwave_reloads_total',
    help: 'Reloads of the configuration, by result.',
    labelNames: ['result'],
  },
  /** Gauge with the value 1. */
  modelInfo: {
    name: 'brainwave_model_info',
    help: 'Model that the server runs. The value is always 1.',
    labelNames: ['model', 'version', 'revision'],
  },
  /** Gauge. Unix time in seconds; no sample without TLS. */
  certificateExpiry: {
    name: 'brainwave_certificate_expiry_timestamp_seconds',
    help: 'Unix time at which the certificate that the server presents expires.',
    labelNames: [],
  },
} as const satisfies Record<string, MetricDefinition | HistogramDefinition>;

/** gRPC statuses of calls that failed because of the server or its load, and not because of the caller. */
export const SERVER_ERROR_CODES = [
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
] as const;
