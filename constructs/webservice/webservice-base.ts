import { Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { METRICS, SERVER_ERROR_CODES } from '../../lib/contract/metrics';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { Metric, MetricUnit, seriesOf, type MetricOptions } from '../metrics/metric';
import type { IRegisteredModel } from '../model/registered-model-reference';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber, requirePattern } from '../validation/synth-value';
import { ClientPrerequisites } from './client-prerequisites';
import type { IWebservice, LatencyMetricOptions, WebserviceEndpoint } from './webservice';

const METRIC_OPTIONS: KnownKeys<LatencyMetricOptions> = { labels: true, window: true, percentile: true };

const SECONDS_PER_DAY = 86_400;

/** What every web service has: clients' prerequisites, and its metrics. */
export abstract class WebserviceBase extends Construct implements IWebservice {
  abstract readonly serviceName: string;
  abstract readonly endpoint: WebserviceEndpoint;
  abstract readonly model?: IRegisteredModel | undefined;
  private readonly prerequisites = new ClientPrerequisites();

  /** Resources between the service and its clients, such as DNS records. A smoke test runs after them. */
  get clientPrerequisites(): ITerraformDependable[] {
    return this.prerequisites.all;
  }

  /** Adds resources to `clientPrerequisites`, even after a smoke test was declared. */
  addClientPrerequisite(prerequisite: ITerraformDependable): void {
    this.prerequisites.add(prerequisite);
  }

  /** Calls per second. */
  metricRequests(options: MetricOptions = {}): Metric {
    const { select, window } = this.query(options);
    return new Metric({
      title: 'Calls',
      expression: `sum(rate(${select(METRICS.requests.name)}[${window}]))`,
      unit: MetricUnit.REQUESTS_PER_SECOND,
    });
  }

  /** Calls per second, by gRPC status. */
  metricRequestsByCode(options: MetricOptions = {}): Metric {
    const { select, window } = this.query(options);
    return new Metric({
      title: 'Calls by status',
      expression: `sum by (code) (rate(${select(METRICS.requests.name)}[${window}]))`,
      unit: MetricUnit.REQUESTS_PER_SECOND,
      seriesLabel: 'code',
    });
  }

  /** Ratio of calls that failed because of the server or its load, from 0 to 1. Mistakes of callers do not count. */
  metricErrorRatio(options: MetricOptions = {}): Metric {
    const { select, window } = this.query(options);
    const { name } = METRICS.requests;
    const failed = select(name, `code=~"${SERVER_ERROR_CODES.join('|')}"`);
    return new Metric({
      title: 'Error ratio',
      expression: `(sum(rate(${failed}[${window}])) or vector(0)) / sum(rate(${select(name)}[${window}]))`,
      unit: MetricUnit.RATIO,
    });
  }

  /** Percentile of the time from the arrival of a call to its answer. */
  metricLatency(options: LatencyMetricOptions = {}): Metric {
    const { select, window, percentile } = this.query(options);
    const buckets = select(`${METRICS.requestDuration.name}_bucket`);
    return new Metric({
      title: `Latency, p${percentile}`,
      expression: `histogram_quantile(${quantile(percentile)}, sum by (le) (rate(${buckets}[${window}])))`,
      unit: MetricUnit.SECONDS,
    });
  }

  /** Percentile of the time that calls spend in the queue, in decoding and in each stage of the pipeline. */
  metricStageLatency(options: LatencyMetricOptions = {}): Metric {
    const { select, window, percentile } = this.query(options);
    const buckets = select(`${METRICS.stageDuration.name}_bucket`);
    return new Metric({
      title: `Latency by stage, p${percentile}`,
      expression: `histogram_quantile(${quantile(percentile)}, sum by (le, stage) (rate(${buckets}[${window}])))`,
      unit: MetricUnit.SECONDS,
      seriesLabel: 'stage',
    });
  }

  /** Mean number of images or rows that a stage runs at once. */
  metricBatchSize(options: MetricOptions = {}): Metric {
    const { select, window } = this.query(options);
    const rate = (suffix: string) =>
      `sum by (stage) (rate(${select(`${METRICS.batchSize.name}_${suffix}`)}[${window}]))`;
    return new Metric({
      title: 'Batch size',
      expression: `${rate('sum')} / ${rate('count')}`,
      unit: MetricUnit.COUNT,
      seriesLabel: 'stage',
    });
  }

  /** Calls in flight as a ratio of the limit, from 0 to 1, of the replica with the highest. */
  metricInFlightRatio(options: MetricOptions = {}): Metric {
    const { select, window } = this.query(options);
    const average = (name: string) => `avg_over_time(${select(name)}[${window}])`;
    return new Metric({
      title: 'Calls in flight / limit',
      expression: `max(${average(METRICS.callsInFlight.name)} / ${average(METRICS.callsInFlightLimit.name)})`,
      unit: MetricUnit.RATIO,
    });
  }

  /** Average number of calls that wait for a worker, of the replica with the most. */
  metricQueueLength(options: MetricOptions = {}): Metric {
    const { select, window } = this.query(options);
    return new Metric({
      title: 'Queue length',
      expression: `max(avg_over_time(${select(METRICS.queueLength.name)}[${window}]))`,
      unit: MetricUnit.COUNT,
    });
  }

  /** Calls per second that were refused because their key is missing or wrong. */
  metricRefusedKeys(options: MetricOptions = {}): Metric {
    const { select, window } = this.query(options);
    return new Metric({
      title: 'Refused keys',
      expression: `sum(rate(${select(METRICS.refusedKeys.name)}[${window}]))`,
      unit: MetricUnit.REQUESTS_PER_SECOND,
    });
  }

  /** Reloads that failed within the window. */
  metricFailedReloads(options: MetricOptions = {}): Metric {
    const { select, window } = this.query(options);
    return new Metric({
      title: 'Failed reloads',
      expression: `sum(increase(${select(METRICS.reloads.name, 'result="failure"')}[${window}]))`,
      unit: MetricUnit.COUNT,
    });
  }

  /** Days until the certificate expires, of the replica whose certificate expires first. No series without TLS. */
  metricDaysToExpiry(options: MetricOptions = {}): Metric {
    const { select } = this.query(options);
    return new Metric({
      title: 'Certificate expires in',
      expression: `(min(${select(METRICS.certificateExpiry.name)}) - time()) / ${SECONDS_PER_DAY}`,
      unit: MetricUnit.DAYS,
    });
  }

  /** Replicas whose metrics are collected. */
  metricReplicas(options: MetricOptions = {}): Metric {
    const { select } = this.query(options);
    return new Metric({
      title: 'Replicas',
      expression: `count(${select(METRICS.modelInfo.name)}) or vector(0)`,
      unit: MetricUnit.COUNT,
    });
  }

  /**
   * Replicas that are not ready. On Kubernetes, `kube-state-metrics` reports them; elsewhere, they are the targets that
   * Prometheus does not reach.
   * @throws ConstructError if the labels of the service's targets are unknown
   */
  metricReplicasNotReady(options: MetricOptions = {}): Metric {
    const { labels } = this.query(options);
    const { pods } = this.endpoint;
    if (pods) {
      const deployments = { namespace: pods.namespace };
      const matcher = `deployment=~"${pods.deploymentPattern}"`;
      const sum = (name: string) => `sum(${seriesOf(name, deployments, matcher)})`;
      return new Metric({
        title: 'Replicas not ready',
        expression: `${sum('kube_deployment_spec_replicas')} - ${sum('kube_deployment_status_replicas_available')}`,
        unit: MetricUnit.COUNT,
      });
    }
    if (Object.keys(labels).length === 0) {
      throw new ConstructError(
        this,
        "the labels of its targets in Prometheus are unknown; set labels, such as { job: 'scoring' }",
      );
    }
    return new Metric({
      title: 'Replicas not ready',
      expression: `count(${seriesOf('up', labels)} == 0) or vector(0)`,
      unit: MetricUnit.COUNT,
    });
  }

  private query(options: LatencyMetricOptions): {
    readonly labels: Record<string, string>;
    readonly window: string;
    readonly percentile: number;
    readonly select: (name: string, ...matchers: string[]) => string;
  } {
    requireKnownProps(this, options, METRIC_OPTIONS);
    const { window = '5m', percentile = 99 } = options;
    requirePattern(
      this,
      'window',
      window,
      /^(\d+[smhdw]|\$\w+)$/,
      'a Prometheus duration, such as 5m, or a variable of Grafana, such as $__rate_interval',
    );
    requireNumber(this, 'percentile', percentile, {
      accepts: (value) => value > 0 && value < 100,
      expected: 'a number greater than 0 and less than 100',
    });
    const labels = { ...this.endpoint.metricLabels, ...options.labels };
    const invalid = Object.keys(labels).find((name) => !/^[A-Za-z_]\w*$/.test(name));
    if (invalid !== undefined && !Token.isUnresolved(labels)) {
      throw new ConstructError(
        this,
        `labels contains "${invalid}"; expected names of letters, digits and "_", not starting with a digit`,
      );
    }
    return {
      labels,
      window,
      percentile,
      select: (name, ...matchers) => seriesOf(name, labels, ...matchers),
    };
  }
}

/** Without the error of a division in binary: 0.999 instead of 0.9990000000000001. */
function quantile(percentile: number): number {
  return Number((percentile / 100).toFixed(6));
}
