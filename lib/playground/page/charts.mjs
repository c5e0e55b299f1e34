import { byId, element } from './elements.mjs';
import uPlot from './uplot.mjs';

/** @import { MetricsPoint, MetricsStatus } from '../protocol' */

/**
 * @typedef {object} Series
 * @property {string} name empty if the chart has only one
 * @property {string} color custom property of the style sheet
 * @property {(point: MetricsPoint) => number | null} value
 */

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} [unit]
 * @property {number} least value up to which the axis reaches at least
 * @property {(value: number) => string} format
 * @property {readonly Series[]} series
 */

/** Time that the charts show: as long as there are points, within these limits. */
const MIN_SECONDS = 60;
const MAX_SECONDS = 300;
const HEIGHT = 84;

/** @type {readonly Chart[]} */
const CHARTS = [
  {
    title: 'Calls per second',
    least: 1,
    format: formatNumber,
    series: [{ name: '', color: '--accent', value: ({ callsPerSecond }) => callsPerSecond }],
  },
  {
    title: 'Latency',
    unit: 'ms',
    least: 10,
    format: formatNumber,
    series: [
      { name: 'p50', color: '--accent', value: ({ p50Ms }) => p50Ms },
      { name: 'p95', color: '--second', value: ({ p95Ms }) => p95Ms },
      { name: 'p99', color: '--third', value: ({ p99Ms }) => p99Ms },
    ],
  },
  {
    title: 'Errors per second',
    least: 1,
    format: formatNumber,
    series: [{ name: '', color: '--fail', value: ({ errorsPerSecond }) => errorsPerSecond }],
  },
];

const OFF =
  'The address of the metrics is not known. Pass it with --metrics-address HOST:PORT, which is the health port of the service.';

const place = byId('charts');
const note = byId('metrics-note');

/** @type {readonly MetricsPoint[]} */
let points = [];
/** @type {{ plot: uPlot, chart: Chart, figures: HTMLElement, shown: HTMLElement }[]} */
let drawn = [];

/**
 * Draws the metrics, or says why there are none.
 *
 * @param {MetricsStatus} metrics
 */
export function drawMetrics(metrics) {
  const text = metrics.state === 'off' ? OFF : metrics.state === 'failed' ? metrics.message : '';
  if (note.textContent !== text) {
    note.textContent = text;
  }
  place.hidden = metrics.state !== 'on';
  if (metrics.state !== 'on') {
    return;
  }
  points = metrics.points;
  if (drawn.length === 0) {
    draw();
  }
  update();
}

function draw() {
  drawn.forEach(({ plot }) => {
    plot.destroy();
  });
  place.replaceChildren();
  drawn = CHARTS.map((chart) => {
    const figures = element('output', { 'aria-live': 'off' });
    const shown = element('div', { class: 'plot', role: 'img' });
    place.append(
      element(
        'div',
        { class: 'chart' },
        element('div', { class: 'figures' }, element('h3', {}, chart.title), figures),
        shown,
      ),
    );
    return { plot: createPlot(chart, shown), chart, figures, shown };
  });
}

/**
 * @param {Chart} chart
 * @param {HTMLElement} shown
 */
function createPlot({ format, least, series }, shown) {
  const line = { stroke: color('--line'), width: 1 };
  return new uPlot(
    {
      width: Math.max(shown.clientWidth, 200),
      height: HEIGHT,
      padding: [6, 0, 6, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [end() - seconds(), end()] },
        y: { range: (_, __, most) => [0, Math.max(most, least) * 1.1] },
      },
      series: [
        {},
        ...series.map(({ color: name }, index) => ({
          stroke: color(name),
          width: 1.5,
          points: { show: false },
          ...(series.length === 1 && { fill: `${color(name)}22` }),
          ...(index > 0 && { width: 1 }),
        })),
      ],
      axes: [
        { show: false },
        {
          side: 1,
          size: 40,
          gap: 6,
          space: 26,
          grid: line,
          ticks: { show: false },
          stroke: color('--quiet'),
          font: '12px system-ui, sans-serif',
          values: (_, ticks) => ticks.map(format),
        },
      ],
    },
    [[], ...series.map(() => [])],
    shown,
  );
}

function update() {
  const times = points.map(({ time }) => time);
  const latest = points.at(-1);
  for (const { plot, chart, figures, shown } of drawn) {
    plot.setData([times, ...chart.series.map(({ value }) => points.map(value))]);
    const texts = chart.series.map(({ name, value }) => {
      const current = latest && value(latest);
      return [name, current === undefined || current === null ? '–' : chart.format(current)];
    });
    figures.replaceChildren(
      ...texts.map(([name = '', text = ''], index) => {
        const unit = index === texts.length - 1 ? chart.unit : undefined;
        const figure = element('span', {}, [name, text, unit].filter(Boolean).join(' '));
        figure.style.setProperty('--series', `var(${chart.series[index]?.color ?? ''})`);
        return figure;
      }),
    );
    const said = texts.map((text) => text.join(' ').trim()).join(', ');
    shown.setAttribute(
      'aria-label',
      `${chart.title} over the last ${Math.round(seconds())} seconds, now ${said}`,
    );
  }
}

/** @param {number} value */
function formatNumber(value) {
  return value === 0 ? '0' : value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

function end() {
  return points.at(-1)?.time ?? Date.now() / 1_000;
}

function seconds() {
  const available = end() - (points[0]?.time ?? 0);
  return Math.min(Math.max(available, MIN_SECONDS), MAX_SECONDS);
}

/** @param {string} name */
function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function redraw() {
  if (!place.hidden) {
    draw();
    update();
  }
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
addEventListener('resize', redraw);
