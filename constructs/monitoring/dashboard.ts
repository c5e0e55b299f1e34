import { digestOf } from '../azure/derived-name';
import { MetricUnit, type Metric, type MetricOptions } from '../metrics/metric';
import type { IWebservice } from '../webservice/webservice';
import type { AlertThresholds } from './service-alerts';

/** Grafana's grid has 24 columns. */
const COLUMNS = 24;
const STAT_HEIGHT = 4;
const GRAPH_HEIGHT = 8;
const STATS_PER_ROW = 4;
const GRAPHS_PER_ROW = 2;

/**
 * The parts of Grafana's dashboard schema that the dashboard uses. A test compiles the dashboard against Grafana's own types.
 * @see https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 * @internal
 */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly graphTooltip: number;
  readonly refresh: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly annotations: { readonly list: readonly never[] };
  readonly templating: { readonly list: readonly Readonly<Record<string, unknown>>[] };
  readonly panels: readonly Panel[];
}

interface Panel {
  readonly id: number;
  readonly type: 'stat' | 'timeseries';
  readonly title: string;
  readonly datasource: DataSource;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets: readonly Readonly<Record<string, unknown>>[];
  readonly fieldConfig: {
    readonly defaults: Readonly<Record<string, unknown>>;
    readonly overrides: readonly never[];
  };
  readonly options: Readonly<Record<string, unknown>>;
}

interface DataSource {
  readonly type: string;
  readonly uid: string;
}

/** The data source that the reader selects at the top of the dashboard. */
const DATA_SOURCE: DataSource = { type: 'prometheus', uid: '${datasource}' };

/** A panel before it has its place. */
interface PanelContent {
  readonly title: string;
  readonly metrics: readonly { readonly metric: Metric; readonly legend?: string | undefined }[];
  /** Value that needs attention. */
  readonly threshold?: number | undefined;
  /** Whether values below the threshold need attention, instead of values above it. */
  readonly below?: boolean | undefined;
}

/**
 * Returns a Grafana dashboard of a service, which shows what the alerts watch and their thresholds.
 * @internal
 */
export function serviceDashboard(
  service: IWebservice,
  thresholds: AlertThresholds,
  { labels }: MetricOptions,
): Dashboard {
  const options = { labels, window: '$__rate_interval' };
  const one = (metric: Metric, threshold?: number, below?: boolean): PanelContent => ({
    title: metric.title,
    metrics: [{ metric, legend: metric.seriesLabel && `{{${metric.seriesLabel}}}` }],
    threshold,
    below,
  });
  const latency = (percentile: number) => ({
    metric: service.metricLatency({ ...options, percentile }),
    legend: `p${percentile}`,
  });
  const budget = thresholds.latencyBudgetMs / 1000;
  const errorRatio = service.metricErrorRatio(options);
  const stats = [
    one(service.metricReplicas(options), 1, true),
    one(errorRatio, thresholds.maxErrorRatio),
    one(service.metricLatency(options), budget),
    one(service.metricDaysToExpiry(options), thresholds.minimumDaysToExpiry, true),
  ];
  const graphs = [
    one(service.metricRequestsByCode(options)),
    one(errorRatio, thresholds.maxErrorRatio),
    { title: 'Latency', metrics: [latency(50), latency(95), latency(99)], threshold: budget },
    one(service.metricStageLatency({ ...options, percentile: 95 })),
    one(service.metricInFlightRatio(options), thresholds.maxInFlightRatio),
    one(service.metricQueueLength(options), thresholds.maxQueueLength),
    one(service.metricBatchSize(options)),
    one(service.metricReplicasNotReady(options), 1),
    one(service.metricRefusedKeys(options)),
    one(service.metricFailedReloads(options), 1),
  ];
  const graphsTop = Math.ceil(stats.length / STATS_PER_ROW) * STAT_HEIGHT;
  return {
    uid: `brainwave-${digestOf(service.node.path)}`,
    title: `Scoring: ${service.serviceName}`,
    tags: ['cdktf-brainwave'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    annotations: { list: [] },
    templating: {
      list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' }],
    },
    panels: [
      ...stats.map((content, index) =>
        panel('stat', index + 1, place(index, STATS_PER_ROW, STAT_HEIGHT, 0), content),
      ),
      ...graphs.map((content, index) =>
        panel(
          'timeseries',
          stats.length + index + 1,
          place(index, GRAPHS_PER_ROW, GRAPH_HEIGHT, graphsTop),
          content,
        ),
      ),
    ],
  };
}

function place(index: number, perRow: number, height: number, top: number): Panel['gridPos'] {
  const width = COLUMNS / perRow;
  return {
    h: height,
    w: width,
    x: (index % perRow) * width,
    y: top + Math.floor(index / perRow) * height,
  };
}

function panel(
  type: Panel['type'],
  id: number,
  gridPos: Panel['gridPos'],
  { title, metrics, threshold, below = false }: PanelContent,
): Panel {
  const unit = metrics[0]?.metric.unit ?? MetricUnit.COUNT;
  return {
    id,
    type,
    title,
    datasource: DATA_SOURCE,
    gridPos,
    targets: metrics.map(({ metric, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: DATA_SOURCE,
      expr: metric.expression,
      legendFormat: legend ?? metric.title,
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(threshold !== undefined && {
          thresholds: { mode: 'absolute', steps: steps(threshold, below) },
        }),
        ...(type === 'timeseries' && {
          custom: { thresholdsStyle: { mode: threshold === undefined ? 'off' : 'dashed' } },
        }),
      },
      overrides: [],
    },
    options:
      type === 'stat'
        ? {
            colorMode: threshold === undefined ? 'none' : 'value',
            graphMode: 'area',
            justifyMode: 'auto',
            orientation: 'auto',
            percentChangeColorMode: 'standard',
            reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
            showPercentChange: false,
            textMode: 'auto',
            wideLayout: true,
          }
        : {
            legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: true },
            tooltip: { mode: 'multi', sort: 'desc' },
          },
  };
}

/** The first step has no value: it is the color of everything below the second. */
function steps(threshold: number, below: boolean): { color: string; value: number | null }[] {
  const [good, bad] = ['green', 'red'] as const;
  return [
    { color: below ? bad : good, value: null },
    { color: below ? good : bad, value: threshold },
  ];
}
