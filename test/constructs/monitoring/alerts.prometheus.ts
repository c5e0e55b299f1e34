import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { TerraformStack } from 'cdktf';

import { AlertSeverity, Monitoring, type IWebservice } from '../../../constructs';
import { FakeWebservice } from '../../../constructs/testing';
import { INSTANCE_METRIC_LABEL } from '../../../lib/contract/kubernetes-labels';
import { METRICS } from '../../../lib/contract/metrics';
import { declareKubernetesService } from '../support/kubernetes';
import { TestProject } from '../support/test-project';

const BUDGET_MS = 250;
const DAY = 86_400;

interface Rule {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

/** Values of the series of a service, one per minute, in the notation of promtool. */
type Series = Readonly<Record<string, string>>;

interface Scenario {
  readonly alert: string;
  /** Series that make the alert fire, and only this one. The others are those of a healthy service. */
  readonly fires: Series;
  /** What the notification says of the value. */
  readonly says: string;
  /** Series at which the alert must be silent. */
  readonly silent: Series;
}

const bucket = (le: string) => `${METRICS.requestDuration.name}_bucket{method="Predict",le="${le}"}`;
const requests = (code: string) => `${METRICS.requests.name}{method="Predict",code="${code}"}`;

/** 10 calls per second, of which callers get 10 % wrong, in 50 ms. `_` is no sample. */
const HEALTHY: Series = {
  [requests('OK')]: '0+540x60',
  [requests('INVALID_ARGUMENT')]: '0+60x60',
  [requests('UNAVAILABLE')]: '0x60',
  [bucket('0.05')]: '0+600x60',
  [bucket('0.25')]: '0+600x60',
  [bucket('0.5')]: '0+600x60',
  [bucket('+Inf')]: '0+600x60',
  [METRICS.callsInFlight.name]: '8x60',
  [METRICS.callsInFlightLimit.name]: '32x60',
  [METRICS.queueLength.name]: '0x60',
  [METRICS.certificateExpiry.name]: `${60 * DAY}x60`,
  [`${METRICS.modelInfo.name}{model="pets",version="1",revision="r"}`]: '1x60',
  [`${METRICS.reloads.name}{result="failure"}`]: '0x60',
};

const SCENARIOS: readonly Scenario[] = [
  {
    alert: 'BrainwaveErrorRatioHigh',
    fires: { [requests('UNAVAILABLE')]: '0+12x60' },
    says: '1.961% of the calls fail because of the server or its load; the limit is 1%.',
    // A burst of failures that is over before the window has passed.
    silent: { [requests('UNAVAILABLE')]: '0x26 600x34' },
  },
  {
    alert: 'BrainwaveLatencyHigh',
    fires: { [bucket('0.05')]: '0+300x60', [bucket('0.25')]: '0+580x60' },
    says: 'The 99th percentile of the latency is 425ms; the budget is 250 ms.',
    silent: { [bucket('0.05')]: '0+300x60', [bucket('0.25')]: '0+598x60' },
  },
  {
    alert: 'BrainwaveCallsInFlightHigh',
    fires: { [METRICS.callsInFlight.name]: '28x60' },
    says: 'A replica has 87.5% of its maximum number of calls in flight; the limit is 80%. At 100%, calls fail with RESOURCE_EXHAUSTED.',
    silent: { [METRICS.callsInFlight.name]: '25x60' },
  },
  {
    alert: 'BrainwaveQueueLong',
    fires: { [METRICS.queueLength.name]: '3x60' },
    says: 'On average, 3 calls wait in a replica; the limit is 1.',
    silent: { [METRICS.queueLength.name]: '1x60' },
  },
  {
    alert: 'BrainwaveCertificateExpiresSoon',
    fires: { [METRICS.certificateExpiry.name]: `${7 * DAY + 1800}x60` },
    says: 'The certificate expires in 7 days; the limit is 14. Then every call over TLS fails.',
    silent: { [METRICS.certificateExpiry.name]: `${15 * DAY}x60` },
  },
  {
    alert: 'BrainwaveReloadFailed',
    fires: { [`${METRICS.reloads.name}{result="failure"}`]: '0x24 1x36' },
    says: 'A replica could not load its new configuration, certificate or keys and serves the previous ones.',
    silent: { [`${METRICS.reloads.name}{result="success"}`]: '0x24 1x36' },
  },
  {
    alert: 'BrainwaveMetricsMissing',
    fires: Object.fromEntries(Object.keys(HEALTHY).map((name) => [name, '_x60'])),
    says: 'No replica reports metrics: no replica runs, or Prometheus does not reach them.',
    // One missed scrape.
    silent: { [`${METRICS.modelInfo.name}{model="pets",version="1",revision="r"}`]: '1x20 _ 1x39' },
  },
];

const READY = 'BrainwaveReplicasNotReady';
const NOT_READY = '1 replicas have not been ready for 15 minutes.';

const project = new TestProject();
const folder = mkdtempSync(path.join(tmpdir(), 'promtool-'));
afterAll(() => {
  project.leave();
  rmSync(folder, { recursive: true, force: true });
});

interface Case {
  readonly rules: Rules;
  readonly labels: Readonly<Record<string, string>>;
  readonly healthy: Series;
  readonly scenarios: readonly Scenario[];
}

const onKubernetes = (): Case => {
  const stack = project.stack('kubernetes');
  const service = declareKubernetesService(project, stack);
  const replicas = (what: string, deployment: string) =>
    `kube_deployment_${what}{namespace="kubernetes-service",deployment="${deployment}"}`;
  // The Deployments of two sets of pods, and of a service whose name starts alike.
  const [current, next, other] = [
    'kubernetes-service-0123abcd',
    'kubernetes-service-4567cdef',
    'kubernetes-service-2-89abcdef',
  ];
  return {
    rules: rulesOf(stack, service),
    labels: { [INSTANCE_METRIC_LABEL]: 'kubernetes-service' },
    healthy: {
      ...HEALTHY,
      [replicas('spec_replicas', current)]: '2x60',
      [replicas('status_replicas_available', current)]: '2x60',
      [replicas('spec_replicas', other)]: '2x60',
      [replicas('status_replicas_available', other)]: '0x60',
    },
    scenarios: [
      ...SCENARIOS,
      {
        alert: READY,
        fires: {
          [replicas('spec_replicas', next)]: '2x60',
          [replicas('status_replicas_available', next)]: '1x60',
        },
        says: NOT_READY,
        // A rollout that takes ten minutes.
        silent: { [replicas('status_replicas_available', current)]: '2x15 1x10 2x35' },
      },
    ],
  };
};

const elsewhere = (): Case => {
  const stack = project.stack('elsewhere');
  const up = 'up{instance="b"}';
  return {
    rules: rulesOf(stack, new FakeWebservice(stack, 'Service')),
    labels: { job: 'elsewhere-service' },
    healthy: { ...HEALTHY, 'up{instance="a"}': '1x60' },
    scenarios: [
      ...SCENARIOS,
      { alert: READY, fires: { [up]: '0x60' }, says: NOT_READY, silent: { [up]: '1x20 0x10' } },
    ],
  };
};

function rulesOf(stack: TerraformStack, service: IWebservice): Rules {
  const monitoring = new Monitoring(stack, 'Monitoring', {
    service,
    latencyBudgetMs: BUDGET_MS,
    alerts: [
      service.metricRefusedKeys().above(1, {
        name: 'KeysGuessed',
        summary: 'Somebody guesses keys',
        severity: AlertSeverity.WARNING,
      }),
    ],
  });
  return JSON.parse(monitoring.rules) as Rules;
}

/** Adds labels to the name of a series, with or without labels of its own. */
function withLabels(name: string, labels: Readonly<Record<string, string>>): string {
  if (name.startsWith('kube_')) {
    return name;
  }
  const [, metric, own = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(name) ?? [];
  const added = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${metric}{${[...added, ...(own === '' ? [] : [own])].join(',')}}`;
}

function promtool(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

describe.each([
  ['on Kubernetes', onKubernetes()],
  ['elsewhere', elsewhere()],
])('the alerts of a service %s', (name, { rules, labels, healthy, scenarios }) => {
  const rulesFile = path.join(folder, `${name}.rules.json`);
  writeFileSync(rulesFile, JSON.stringify(rules));
  const all = rules.groups.flatMap((group) => group.rules);

  interface Expectation {
    readonly series: Series;
    /** @default - no alert fires */
    readonly fires?: { readonly alert: string; readonly says: string };
  }

  /** Evaluates the rules for 30 minutes, and compares what fires then. */
  const test = (...expectations: readonly Expectation[]) => {
    const file = path.join(folder, 'test.json');
    writeFileSync(
      file,
      JSON.stringify({
        rule_files: [rulesFile],
        evaluation_interval: '1m',
        tests: expectations.map(({ series, fires }) => ({
          interval: '1m',
          input_series: inputOf(series),
          alert_rule_test: all.map(({ alert, labels: exp_labels, annotations }) => ({
            eval_time: '30m',
            alertname: alert,
            exp_alerts:
              alert === fires?.alert
                ? [{ exp_labels, exp_annotations: { ...annotations, description: fires.says } }]
                : [],
          })),
        })),
      }),
    );
    return promtool('test', 'rules', file);
  };

  /** The series of the service, and of another one that fails. */
  const inputOf = (series: Series) => [
    ...Object.entries(series).map(([each, values]) => ({ series: withLabels(each, labels), values })),
    {
      series: withLabels(requests('INTERNAL'), { [Object.keys(labels)[0] ?? '']: 'another-service' }),
      values: '0+600x60',
    },
  ];

  it('are valid rules', () => {
    expect(promtool('check', 'rules', rulesFile)).toEqual({
      status: 0,
      output: expect.stringContaining(`SUCCESS: ${all.length} rules found`) as string,
    });
  });

  it('are silent while the service is healthy', () => {
    expect(test({ series: healthy })).toEqual({
      status: 0,
      output: expect.stringContaining('SUCCESS') as string,
    });
  });

  it('are all tested', () => {
    const tested = [...scenarios.map(({ alert }) => alert), 'KeysGuessed'].sort();
    expect(tested).toEqual(all.map(({ alert }) => alert).sort());
  });

  it.each(scenarios.map((scenario) => [scenario.alert, scenario] as const))(
    '%s fires alone, says the value, and is silent below the threshold',
    (_, { fires, silent, ...expected }) => {
      const result = test(
        { series: { ...healthy, ...fires }, fires: expected },
        { series: { ...healthy, ...silent } },
      );
      expect(result).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') as string });
    },
  );
});
