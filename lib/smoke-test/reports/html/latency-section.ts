import type { LatencyBudget } from '../../smoke-test-options';
import type { LatencyReport } from '../../smoke-test-report';
import { latencyHistogram } from '../latency-histogram';
import { markup, Markup } from './markup';

const BINS = 40;

/** Percentiles against their budgets, and where there were warm calls their histogram. */
export function latencySection(latency: LatencyReport | undefined): Markup | undefined {
  if (!latency) {
    return undefined;
  }
  const { firstMs, warm, budget = {} } = latency;
  return markup`<section>
<h2>Latency</h2>
<dl class="figures">${figure('First call', firstMs, 'ms')}${
    warm && [
      figure('p50', warm.p50Ms, 'ms', budget.p50Ms),
      figure('p95', warm.p95Ms, 'ms', budget.p95Ms),
      figure('p99', warm.p99Ms, 'ms', budget.p99Ms),
      figure('Mean', warm.meanMs, 'ms'),
      figure('Fastest', warm.minMs, 'ms'),
      figure('Slowest', warm.maxMs, 'ms'),
      throughput(warm.requestsPerSecond, budget.minimumRequestsPerSecond),
    ]
  }</dl>
${warm && warm.samplesMs.length > 0 ? histogram(warm, budget) : undefined}
</section>`;
}

function figure(name: string, value: number, unit: string, most?: number): Markup {
  return entry(
    name,
    value,
    unit,
    most === undefined ? undefined : [value <= most, `at most ${most} ${unit}`],
  );
}

function throughput(value: number, least: number | undefined): Markup {
  const verdict = least === undefined ? undefined : ([value >= least, `at least ${least} /s`] as const);
  return entry('Throughput', value, '/s', verdict);
}

function entry(name: string, value: number, unit: string, verdict?: readonly [boolean, string]): Markup {
  return markup`<div><dt>${name}</dt><dd>${value.toFixed(1)} <small>${unit}</small></dd>${
    verdict &&
    markup`<dd class="budget ${verdict[0] ? 'pass' : 'fail'}">${verdict[0] ? '✓' : '✗'} ${verdict[1]}</dd>`
  }</div>`;
}

function histogram(warm: NonNullable<LatencyReport['warm']>, budget: LatencyBudget): Markup {
  const { p50Ms, p95Ms, p99Ms, samplesMs, count, concurrency } = warm;
  const marks = [
    { name: 'p50', ms: p50Ms },
    { name: 'p95', ms: p95Ms },
    { name: 'p99', ms: p99Ms },
    ...(['p50', 'p95', 'p99'] as const).flatMap((name) => {
      const ms = budget[`${name}Ms`];
      return ms === undefined ? [] : [{ name: `budget of ${name}`, ms, budget: true }];
    }),
  ];
  const summary =
    `${count} calls after the warm-up, ${concurrency} at a time: half of them took at most ${p50Ms} ms, ` +
    `95 % at most ${p95Ms} ms, 99 % at most ${p99Ms} ms`;
  // Numbers and our own names: nothing in it can end the element.
  const figures = JSON.stringify({ ...latencyHistogram(samplesMs, BINS), marks });
  return markup`<figure class="histogram">
<div id="histogram" role="img" aria-label="Histogram of ${summary}"><noscript><p>The histogram is drawn by a script, which is off here.</p></noscript></div>
<figcaption>${summary}. <span id="histogram-bin"></span></figcaption>
<script type="application/json" id="latencies">${new Markup(figures)}</script>
</figure>`;
}
