import type { RequestPart } from '../../bench/request-time';
import { svg, text } from './svg';

const WIDTH = 860;
const LEFT = 16;
const BAR_Y = 44;
const BAR_HEIGHT = 40;
const COLORS = ['#0969da', '#1a7f37', '#8250df', '#bf8700', '#57606a', '#cf222e'];

/**
 * Draws where the time of one request goes: one bar, whose parts are as long as they take.
 * @returns an SVG, the same for the same parts
 */
export function drawRequestTime(parts: readonly RequestPart[]): string {
  const total = parts.reduce((sum, { ms }) => sum + ms, 0);
  let x = LEFT;
  const drawn = parts.flatMap(({ name, ms }, index) => {
    const width = (ms / total) * (WIDTH - 2 * LEFT);
    const color = COLORS[index % COLORS.length];
    const y = BAR_Y + BAR_HEIGHT + 26 + index * 22;
    const bar = `<rect x="${round(x)}" y="${BAR_Y}" width="${round(width)}" height="${BAR_HEIGHT}" fill="${color}"/>`;
    x += width;
    return [
      bar,
      `<rect x="${LEFT}" y="${y - 11}" width="12" height="12" fill="${color}"/>`,
      text(LEFT + 20, y, `${name}: ${ms} ms (${Math.round((100 * ms) / total)} %)`),
    ];
  });
  return svg(WIDTH, BAR_Y + BAR_HEIGHT + 30 + parts.length * 22, [
    text(LEFT, 24, `One request for one image: ${round(total)} ms`, { size: 15, weight: 'bold' }),
    ...drawn,
  ]);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
