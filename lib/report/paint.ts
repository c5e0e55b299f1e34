// util.styleText is not used because it decides by the properties of standard output.
const escapes = {
  bold: '\u001b[1m',
  dim: '\u001b[2m',
  red: '\u001b[31m',
  green: '\u001b[32m',
  yellow: '\u001b[33m',
  cyan: '\u001b[36m',
} as const;
const RESET = '\u001b[0m';

/** Text style on a terminal. */
export type TextStyle = keyof typeof escapes;

/** Applies a style to text. */
export type Paint = (style: TextStyle, text: string) => string;

/** @param color whether to write escape sequences */
export function painter(color: boolean): Paint {
  return color ? (style, text) => escapes[style] + text + RESET : (_, text) => text;
}

/** Returns whether to write in color: if the terminal supports colors and `NO_COLOR` is not set. @see https://no-color.org */
export function colorEnabled(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}
