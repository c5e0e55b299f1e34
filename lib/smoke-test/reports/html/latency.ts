import type { LatencyBudget } from '../../smoke-test-options';
import type { LatencyReport } from '../../smoke-test-report';
import { latencyHistogram } from '../latency-histogram';
import { markup, Markup } from './markup';

const BINS = 40;

/** Draws the percentiles with their budgets, and the histogram of the warm calls. */
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
      return ms === undefined ? [] : [{ name: `${name} budget`, ms, budget: true }];
    }),
  ];
  const summary =
    `${count} calls after the warm-up, ${concurrency} in flight: half of them took at most ${p50Ms} ms, ` +
    `95 % at most ${p95Ms} ms, 99 % at most ${p99Ms} ms`;
  // Contains only numbers and fixed names, so nothing in it can close the element.
  const figures = JSON.stringify({ ...latencyHistogram(samplesMs, BINS), marks });
  return markup`<figure class="histogram">
<div id="histogram" role="img" aria-label="Histogram of ${summary}"><noscript><p>The histogram requires JavaScript.</p></noscript></div>
<figcaption>${summary}. <span id="histogram-bin"></span></figcaption>
<script type="application/json" id="latencies">${new Markup(figures)}</script>
</figure>`;
}

/**
 * Script that draws the histogram from the JSON in the page, in the page's colors. It redraws when the color scheme or the width of
 * the window changes, and in light colors for printing. Requires `uPlot`.
 */
export const HISTOGRAM_SCRIPT = `
'use strict';
(() => {
  const { startMs, widthMs, counts, marks } = JSON.parse(document.getElementById('latencies').textContent);
  const place = document.getElementById('histogram');
  const caption = document.getElementById('histogram-bin');
  const root = document.documentElement;
  const round = (ms) => Number(ms.toPrecision(6));
  const starts = counts.map((_, bin) => round(startMs + bin * widthMs));
  const end = round(startMs + counts.length * widthMs);
  const color = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const say = (plot) => {
    const bin = plot.cursor.left >= 0 ? Math.floor((plot.posToVal(plot.cursor.left, 'x') - startMs) / widthMs) : -1;
    caption.textContent = bin in counts
      ? starts[bin] + ' to ' + round(starts[bin] + widthMs) + ' ms: ' + counts[bin] + (counts[bin] === 1 ? ' call' : ' calls')
      : '';
  };
  const drawMarks = (plot) => {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.font = 12 * ratio + 'px system-ui, sans-serif';
    ctx.textBaseline = 'top';
    ctx.lineWidth = ratio;
    let free = [-Infinity, -Infinity, -Infinity, -Infinity];
    for (const { name, ms, budget } of marks) {
      const x = Math.round(plot.valToPos(ms, 'x', true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = color(budget ? '--fail' : '--text');
      ctx.setLineDash(budget ? [4 * ratio, 4 * ratio] : []);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const wide = ctx.measureText(name).width + 10 * ratio;
      const right = x + wide <= bbox.left + bbox.width;
      const from = right ? x : x - wide;
      const row = Math.max(0, free.findIndex((end) => end <= from));
      free[row] = from + wide;
      ctx.textAlign = right ? 'left' : 'right';
      ctx.fillText(name, x + (right ? 5 : -5) * ratio, bbox.top + (2 + 15 * row) * ratio);
    }
    ctx.restore();
  };
  let plot;
  const draw = () => {
    plot?.destroy();
    const axis = { stroke: color('--quiet'), grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line'), width: 1 }, font: '12px system-ui, sans-serif' };
    plot = new uPlot({
      width: Math.max(place.clientWidth, 260),
      height: 230,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false, range: [starts[0], end] }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.25)] } },
      series: [{}, {
        fill: color('--accent'),
        paths: uPlot.paths.bars({ align: 1, size: [1, Infinity], gap: 2, radius: 0.12 }),
        points: { show: false },
        width: 0,
      }],
      axes: [
        { ...axis, size: 34, values: (_, ticks) => ticks.map((tick) => round(tick) + ' ms'), space: 70 },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], values: (_, ticks) => ticks.map(String) },
      ],
      hooks: { draw: [drawMarks], setCursor: [say] },
    }, [starts, counts], place);
  };
  const onPaper = (paper) => () => {
    root.classList.toggle('paper', paper);
    draw();
  };
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  addEventListener('resize', draw);
  addEventListener('beforeprint', onPaper(true));
  addEventListener('afterprint', onPaper(false));
})();
`;
