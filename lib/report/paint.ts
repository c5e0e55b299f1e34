// Not util.styleText, which asks standard output for its opinion.
const escapes = {
  bold: '\u001b[1m',
  dim: '\u001b[2m',
  red: '\u001b[31m',
  green: '\u001b[32m',
  yellow: '\u001b[33m',
  cyan: '\u001b[36m',
} as const;
const RESET = '\u001b[0m';

/** How a text looks on a terminal. */
export type TextStyle = keyof typeof escapes;

/** Writes text in a style. */
export type Paint = (style: TextStyle, text: string) => string;

/** @param color whether to write escapes at all */
export function painter(color: boolean): Paint {
  return color ? (style, text) => escapes[style] + text + RESET : (_, text) => text;
}

/** Whether to write in color: on a terminal that has colors, unless `NO_COLOR` is set. @see https://no-color.org */
export function colorEnabled(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}
