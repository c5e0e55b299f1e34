import type { Classification } from '../client/classification';
import { painter } from './paint';
import { columnsOf, printable, truncate } from './terminal-text';

/** Drawing options. */
export interface TopClassesStyle {
  /** Available columns; at least 40 are used. */
  readonly width: number;
  /** Whether to write in color. */
  readonly color: boolean;
}

const LONGEST_LABEL = 32;
const percentWidth = '100.0 %'.length;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * Draws an image's classes as bars on a scale from 0 to 1, one per line, below the image's name:
 *
 * ```text
 * chelsea.png
 *   tiger cat     ███████████████▉                          39.9 %
 *   Egyptian cat  ██████████████                            35.0 %
 * ```
 * @returns lines that each end with a line break
 */
export function formatTopClasses(
  imageName: string,
  classes: readonly Classification[],
  { width, color }: TopClassesStyle,
): string {
  const labels = classes.map(({ label, classIndex }) =>
    truncate(printable(label ?? `class ${classIndex}`), LONGEST_LABEL),
  );
  const labelWidth = Math.max(0, ...labels.map(columnsOf));
  const barWidth = Math.max(Math.max(width, 40) - labelWidth - percentWidth - 6, 4);
  const paint = painter(color);
  const lines = classes.map(({ probability }, index) => {
    const label = labels[index] + ' '.repeat(labelWidth - columnsOf(labels[index]));
    const bar = drawBar(probability, barWidth);
    const percent = `${(probability * 100).toFixed(1)} %`.padStart(percentWidth);
    return `  ${index === 0 ? paint('bold', label) : label}  ${paint('cyan', bar)} ${percent}\n`;
  });
  return `${paint('bold', printable(imageName))}\n${lines.join('')}`;
}

function drawBar(probability: number, width: number): string {
  // The output of a faulty model must not break the drawing.
  const share = Number.isNaN(probability) ? 0 : Math.min(Math.max(probability, 0), 1);
  const steps = Math.round(share * width * 8);
  return ('█'.repeat(Math.floor(steps / 8)) + EIGHTHS[steps % 8]).padEnd(width);
}
