/** Whether to write in colour: on a terminal, unless `NO_COLOR` is set (no-color.org) or it has none. */
export function colorEnabled(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}
