import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import { METRICS } from '../contract/metrics';
import { collectProcessMetrics, expose, type Exposition } from './exposition';

/** Values that are read when the metrics are. One that a server does not have is undefined. */
export interface MeasuredServer {
  callsInFlight(): number;
  callsInFlightLimit(): number | undefined;
  queueLength(): number | undefined;
  /** Returns the Unix time in seconds; undefined without TLS. */
  certificateExpiry(): number | undefined;
}

/** Model that a server runs. */
export interface MeasuredModel {
  readonly name: string;
  readonly version: string;
  readonly revision: string | undefined;
}

/** Value of the label `method` for methods that a server does not have. A caller may send any name. */
const UNKNOWN_METHOD = 'unknown';

/** Metrics of one server. Several servers of a process have one of these each. */
export class ServerMetrics {
  private readonly registry = new Registry();
  private readonly requests = new Counter({ ...METRICS.requests, registers: [this.registry] });
  private readonly requestDuration = histogram(METRICS.requestDuration, this.registry);
  private readonly stageDuration = histogram(METRICS.stageDuration, this.registry);
  private readonly batchSize = histogram(METRICS.batchSize, this.registry);
  private readonly refusedKeys = new Counter({ ...METRICS.refusedKeys, registers: [this.registry] });
  private readonly reloads = new Counter({ ...METRICS.reloads, registers: [this.registry] });
  private readonly modelInfo = new Gauge({ ...METRICS.modelInfo, registers: [this.registry] });

  /**
   * @param methods paths of the methods that the server has: `/package.Service/Method`, or `/score` of an entry script
   * @param server read whenever the metrics are
   */
  constructor(
    private readonly methods: ReadonlySet<string>,
    server: MeasuredServer,
  ) {
    this.gauge(METRICS.callsInFlight, () => server.callsInFlight());
    this.gauge(METRICS.callsInFlightLimit, () => server.callsInFlightLimit());
    this.gauge(METRICS.queueLength, () => server.queueLength());
    this.gauge(METRICS.certificateExpiry, () => server.certificateExpiry());
    // A rate is known from the first event on only if the counter exists before it.
    this.reloads.inc({ result: 'success' }, 0);
    this.reloads.inc({ result: 'failure' }, 0);
    collectProcessMetrics();
  }

  /**
   * Counts a call that has ended.
   * @param path path of the method
   * @param code name of the gRPC status
   */
  countCall(path: string, code: string, durationMs: number): void {
    const method = this.methods.has(path) ? path.slice(1) : UNKNOWN_METHOD;
    this.requests.inc({ method, code });
    this.requestDuration.observe({ method }, durationMs / 1000);
  }

  /**
   * Records that a stage ran.
   * @param rows images or rows that it ran at once; undefined if the stage has no batches
   */
  countStage(stage: string, durationMs: number, rows: number | undefined): void {
    this.stageDuration.observe({ stage }, durationMs / 1000);
    if (rows !== undefined) {
      this.batchSize.observe({ stage }, rows);
    }
  }

  countRefusedKey(): void {
    this.refusedKeys.inc();
  }

  countReload(result: 'success' | 'failure'): void {
    this.reloads.inc({ result });
  }

  /** Replaces the model in `brainwave_model_info`. */
  showModel({ name, version, revision = '' }: MeasuredModel): void {
    this.modelInfo.reset();
    this.modelInfo.set({ model: name, version, revision }, 1);
  }

  /** @param accept the scraper's `Accept` header */
  expose(accept?: string): Promise<Exposition> {
    return expose(this.registry, accept);
  }

  /** Declares a gauge that is read with the metrics, and has no sample while its value is undefined. */
  private gauge(
    definition: { readonly name: string; readonly help: string },
    read: () => number | undefined,
  ): void {
    const { name, help } = definition;
    new Gauge({
      ...{ name, help, registers: [this.registry] },
      collect() {
        const value = read();
        if (value === undefined) {
          this.remove();
        } else {
          this.set(value);
        }
      },
    });
  }
}

function histogram<Label extends string>(
  definition: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: readonly Label[];
    readonly buckets: readonly number[];
  },
  registry: Registry,
): Histogram<Label> {
  return new Histogram({ ...definition, buckets: [...definition.buckets], registers: [registry] });
}
