import http2 from 'node:http2';

import { Monitoring } from '../../../constructs';
import { FakeWebservice } from '../../../constructs/testing';
import { METRICS } from '../../../lib/contract/metrics';
import { PredictionClient } from '../../../lib/client';
import { readImage, startSampleService, type SampleService } from '../../client/sample-service';
import { TestProject } from '../support/test-project';
import { PREDICT_PATH } from '../../server/support/raw-client';
import { temporaryFolder } from '../../support/temporary-folder';
import { until } from '../../support/until';
import { checkMetrics, PrometheusProcess } from '../../prometheus/prometheus-process';

/** One call more than this is refused. */
const MAX_IN_FLIGHT = 1;
const JOB = 'scoring';

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly object[] }[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
}

const project = new TestProject();
const { rules, dashboard } = declareMonitoring();
let service: SampleService;
let prometheus: PrometheusProcess;
let removeFolder: () => Promise<void>;

beforeAll(async () => {
  service = await startSampleService({ healthPort: 0, maxInFlight: MAX_IN_FLIGHT });
  const folder = await temporaryFolder();
  removeFolder = folder.remove;
  const target = `127.0.0.1:${service.server.healthPort ?? 0}`;
  prometheus = await PrometheusProcess.start(folder.path, JOB, target, inSeconds(rules));
});

afterAll(async () => {
  await prometheus.stop();
  await service.close();
  await removeFolder();
  project.leave();
});

function declareMonitoring(): Monitoring {
  const stack = project.stack('monitoring');
  return new Monitoring(stack, 'Monitoring', {
    service: new FakeWebservice(stack, 'Service'),
    // The machine of a test may be slow; here, only the service's state decides which alerts fire.
    latencyBudgetMs: 29_000,
    labels: { job: JOB },
  });
}

/** Rules that are evaluated each second, and fire as soon as their condition has held for one. */
function inSeconds(file: string): string {
  const { groups } = JSON.parse(file) as RuleFile;
  return JSON.stringify({
    groups: groups.map((group) => ({
      ...group,
      interval: '1s',
      rules: group.rules.map((rule) => ({ ...rule, for: '1s' })),
    })),
  });
}

async function score(): Promise<void> {
  const client = new PredictionClient({
    address: service.address,
    rootCertificates: service.certificate.certificate,
    key: service.keys.primaryKey,
  });
  try {
    await client.predictImage(await readImage('chelsea.png'));
  } finally {
    client.close();
  }
}

async function metrics(accept: string): Promise<string> {
  const port = service.server.healthPort ?? 0;
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept } });
  return response.text();
}

it('promtool finds nothing wrong with the metrics', async () => {
  await score();
  expect(checkMetrics(await metrics('text/plain'))).toEqual({ status: 0, output: '' });
});

it('Prometheus negotiates OpenMetrics, and knows the type of each metric', async () => {
  await score();
  await until(async () => (await prometheus.types()).size > 0);
  const types = await prometheus.types();
  for (const definition of Object.values(METRICS)) {
    // In OpenMetrics, the suffix belongs to the samples of a counter.
    const name = definition.name.replace(/_total$/, '');
    const type = 'buckets' in definition ? 'histogram' : name === definition.name ? 'gauge' : 'counter';
    expect([name, types.get(name)]).toEqual([name, type]);
  }
});

describe('the dashboard', () => {
  const { panels } = JSON.parse(dashboard) as Dashboard;
  const targets = panels.flatMap((panel) =>
    panel.targets.map((target) => ({ title: panel.title, ...target })),
  );

  it.each(targets.map((target) => [`${target.title}: ${target.legendFormat}`, target] as const))(
    'shows data for %s',
    async (_, { expr, legendFormat }) => {
      // As Grafana does with the range of a dashboard.
      const expression = expr.replaceAll('$__rate_interval', '1m');
      await score();
      await until(async () => (await prometheus.query(expression)).length > 0);
      const label = /^\{\{(\w+)\}\}$/.exec(legendFormat)?.[1];
      for (const { metric, value } of await prometheus.query(expression)) {
        expect(Object.keys(metric)).toEqual(label === undefined ? [] : [label]);
        expect(Number(value[1])).not.toBeNaN();
      }
    },
  );
});

describe('the alerts', () => {
  it('are silent while the service answers its callers', async () => {
    await score();
    await until(async () => (await prometheus.query('ALERTS')).length === 0);
    expect(await prometheus.firing()).toEqual([]);
  });

  it('fire for calls that the service refuses, and for nothing else', async () => {
    const session = http2.connect(`https://${service.address}`, { ca: service.certificate.certificate });
    const held = session.request(
      {
        ...{ ':method': 'POST', ':path': PREDICT_PATH, te: 'trailers', 'content-type': 'application/grpc' },
        authorization: service.keys.primaryKey,
      },
      { endStream: false },
    );
    held.on('error', () => undefined);
    try {
      await until(async () => /^brainwave_calls_in_flight 1$/m.test(await metrics('text/plain')));
      await until(async () => {
        await expect(score()).rejects.toMatchObject({ code: 'OVERLOADED' });
        return (await prometheus.firing()).length > 1;
      }, 60_000);
      expect((await prometheus.firing()).sort()).toEqual([
        'BrainwaveCallsInFlightHigh',
        'BrainwaveErrorRatioHigh',
      ]);
    } finally {
      session.destroy();
    }
  });

  it('fire for a service that is gone', async () => {
    await service.server.stop(0);
    await until(async () => (await prometheus.firing()).includes('BrainwaveMetricsMissing'), 60_000);
    await until(async () => (await prometheus.firing()).includes('BrainwaveReplicasNotReady'), 60_000);
    expect(await prometheus.query('up')).toMatchObject([{ value: [expect.any(Number), '0'] }]);
  });
});
