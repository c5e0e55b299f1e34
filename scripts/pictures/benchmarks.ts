import type { Result } from '../../bench/report';
import { svg, text } from './svg';

const WIDTH = 860;
const ROW_HEIGHT = 24;
const TOP = 64;
const LABEL_WIDTH = 190;
const CHART_WIDTH = 420;
const CENTER = LABEL_WIDTH + CHART_WIDTH / 2;
/** Factors at the edges of the chart. Bars beyond them end there, and the text states the figure. */
const LARGEST_FACTOR = 8;
const GRID = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8];

/**
 * Draws the benchmarks: how many times better or worse ours is than the peer in each row, and whether the row reaches its target.
 * @returns an SVG, the same for the same results
 */
export function drawBenchmarks(results: readonly Result[]): string {
  const height = TOP + results.length * ROW_HEIGHT + 16;
  return svg(WIDTH, height, [
    text(16, 22, 'Ours compared with the peer of each row', { size: 15, weight: 'bold' }),
    text(CENTER - 8, 42, '◀ worse than the peer', { anchor: 'end', fill: '#57606a' }),
    text(CENTER + 8, 42, 'better than the peer ▶', { fill: '#57606a' }),
    ...GRID.map((factor) => gridLine(factor, height)),
    ...results.flatMap((result, index) => drawRow(result, TOP + index * ROW_HEIGHT)),
  ]);
}

function gridLine(factor: number, height: number): string {
  const x = position(factor);
  const color = factor === 1 ? '#57606a' : '#d8dee4';
  return [
    `<line x1="${x}" y1="${TOP - 4}" x2="${x}" y2="${height - 12}" stroke="${color}"/>`,
    text(x, TOP - 8, factor < 1 ? `1/${1 / factor}` : `${factor}×`, {
      anchor: 'middle',
      fill: '#57606a',
      size: 10,
    }),
  ].join('\n');
}

function drawRow(result: Result, y: number): string[] {
  const baseline = y + 16;
  const label = text(LABEL_WIDTH - 8, baseline, result.row, { anchor: 'end' });
  const right = LABEL_WIDTH + CHART_WIDTH + 12;
  if (result.ratio === null || result.ours === null || result.peer === null) {
    return [label, text(right, baseline, 'not measured', { fill: '#57606a' })];
  }
  const better = result.lessIsBetter ? 1 / result.ratio : result.ratio;
  const [from, to] = [position(1), position(better)].sort((left, next) => left - next);
  const color = result.reached ? '#1a7f37' : '#bc4c00';
  return [
    label,
    `<rect x="${from}" y="${y + 4}" width="${round(Math.max(to - from, 1))}" height="${ROW_HEIGHT - 8}" fill="${color}"/>`,
    text(
      right,
      baseline,
      `${result.ours} vs ${result.peer} ${result.unit} ${result.reached ? '' : `(target: ${result.target})`}`.trimEnd(),
      { fill: color },
    ),
  ];
}

function position(factor: number): number {
  const bounded = Math.min(Math.max(factor, 1 / LARGEST_FACTOR), LARGEST_FACTOR);
  return round(CENTER + (Math.log2(bounded) / Math.log2(LARGEST_FACTOR)) * (CHART_WIDTH / 2));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
