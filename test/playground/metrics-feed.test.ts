import http from 'node:http';

import fc from 'fast-check';

import { MetricsFeed, quantileOf } from '../../lib/playground/metrics-feed';
import { parseMetrics } from '../../lib/playground/metrics-text';
import type { MetricsPoint } from '../../lib/playground/protocol';
import { closedPort, startPeer } from '../client/peers';
import { serverForTest, startServer } from '../server/support/test-server';
import { afterwards } from '../support/cleanup';
import { until } from '../support/until';

describe('live metrics', () => {
  it('are rates and percentiles of the calls that score, without those that ask for the state', async () => {
    let calls = 100;
    let more = 100;
    const peer = await startPeer(
      http.createServer((_, response) => {
        response.end(`# HELP brainwave_requests_total Calls.
# TYPE brainwave_requests_total counter
brainwave_requests_total{method="tensorflow.serving.PredictionService/Predict",code="OK"} ${calls}
brainwave_requests_total{method="tensorflow.serving.PredictionService/Predict",code="INVALID_ARGUMENT"} ${calls / 4}
brainwave_requests_total{method="tensorflow.serving.PredictionService/GetModelMetadata",code="OK"} ${calls * 9}
brainwave_request_duration_seconds_bucket{method="tensorflow.serving.PredictionService/Predict",le="0.01"} ${calls}
brainwave_request_duration_seconds_bucket{method="tensorflow.serving.PredictionService/Predict",le="0.02"} ${calls * 1.25}
brainwave_request_duration_seconds_bucket{method="tensorflow.serving.PredictionService/Predict",le="+Inf"} ${calls * 1.25}
brainwave_request_duration_seconds_bucket{method="tensorflow.serving.PredictionService/GetModelMetadata",le="+Inf"} ${calls * 9}
`);
        calls += more;
      }),
    );
    afterwards(() => peer.close());
    const feed = new MetricsFeed(() => Promise.resolve(`http://${peer.address}/metrics`));

    await expect(feed.status()).resolves.toEqual({ state: 'on', points: [] });
    let points: readonly MetricsPoint[] = [];
    await until(async () => {
      const status = await feed.status();
      points = status.state === 'on' ? status.points : [];
      return points.length > 0;
    });
    const [{ callsPerSecond, errorsPerSecond, p50Ms, p95Ms, p99Ms }] = points;
    expect([p50Ms, p95Ms, p99Ms].map((ms) => Math.round(ms! * 100) / 100)).toEqual([6.25, 17.5, 19.5]);
    expect(callsPerSecond).toBeGreaterThan(0);
    expect(callsPerSecond / errorsPerSecond).toBeCloseTo(5);

    // The latency of a single call stays to be read when no further call follows.
    more = 0;
    await until(async () => {
      await feed.status();
      return points.at(-1)?.callsPerSecond === 0;
    });
    expect(points.at(-1)).toMatchObject({ p50Ms: expect.closeTo(6.25) as number, errorsPerSecond: 0 });
  });

  it('say why there are none', async () => {
    const port = await closedPort();
    await expect(
      new MetricsFeed(() => Promise.resolve(`http://127.0.0.1:${port}/metrics`)).status(),
    ).resolves.toEqual({
      state: 'failed',
      message: expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:\d+\/metrics cannot be read \(.*ECONNREFUSED.*\); check that the service is running and that this is its health port$/,
      ) as string,
    });
  });
});

it('the metrics of a server are found, and again when it has another health port', async () => {
  const first = await startServer({ healthPort: 0 });
  let port = first.server.healthPort;
  const feed = new MetricsFeed(() => Promise.resolve(`http://127.0.0.1:${port}/metrics`));
  await expect(feed.status()).resolves.toMatchObject({ state: 'on' });
  await first.stop();
  await until(async () => (await feed.status()).state === 'failed');
  const second = await serverForTest({ healthPort: 0 });
  port = second.server.healthPort;
  await until(async () => (await feed.status()).state === 'on');
});

describe("Prometheus' text format", () => {
  it('is read with any label value', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.double({ noNaN: true }).map((value) => value + 0),
        (text, value) => {
          const escaped = text.replace(/[\\"\n]/g, (character) =>
            character === '\n' ? '\\n' : `\\${character}`,
          );
          fc.pre(!/[\r\u2028\u2029]/.test(text));
          const written = `a_total{first="x",second="${escaped}"} ${String(value).replace('Infinity', 'Inf')}\n`;
          expect([...parseMetrics(`# HELP a_total A.\n${written}\n`)]).toEqual([
            { name: 'a_total', labels: { first: 'x', second: text }, value },
          ]);
        },
      ),
    );
  });
});

describe('a quantile of a histogram', () => {
  it('lies within its bucket, and is unknown without observations', () => {
    const buckets = [
      [0.1, 10],
      [0.5, 20],
      [Infinity, 21],
    ] as const;
    expect(quantileOf(buckets, 0.5)).toBeCloseTo(0.12);
    expect(quantileOf(buckets, 0.99)).toBe(0.5);
    expect(quantileOf([[0.1, 0]], 0.5)).toBeUndefined();
    expect(quantileOf([], 0.5)).toBeUndefined();
  });
});
