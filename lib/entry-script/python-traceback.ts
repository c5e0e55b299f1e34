const MARK = 'Traceback (most recent call last):';
/** Text that Python writes between an exception and the one that the server raises because of it. */
const WRAPPED = '\n\nThe above exception was the direct cause of the following exception:';
const LINES = 15;

/**
 * Extracts the last lines of the script's traceback from the output of the inference server, which wraps it in another
 * traceback without further information. Without a traceback, returns the last lines of the output.
 */
export function tracebackOf(output: string): string {
  const wrapped = output.lastIndexOf(WRAPPED);
  const text = wrapped < 0 ? output : output.slice(0, wrapped);
  const start = text.lastIndexOf(MARK);
  // The log continues after it, with a timestamp at the beginning of each line.
  const [traceback = ''] = start < 0 ? [text] : text.slice(start).split(/\n(?=\d{4}-\d{2}-\d{2} )/);
  return traceback.trimEnd().split('\n').slice(-LINES).join('\n') || '(no output)';
}
