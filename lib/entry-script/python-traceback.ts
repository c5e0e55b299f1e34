const MARK = 'Traceback (most recent call last):';
/** What Python writes between an exception and the one that the server raises because of it. */
const WRAPPED = '\n\nThe above exception was the direct cause of the following exception:';
const LINES = 15;

/**
 * The last lines of the traceback that the user's script caused, out of the inference server's output: the server
 * wraps it into one of its own, which says nothing more. Without a traceback, the output's last lines.
 */
export function tracebackOf(output: string): string {
  const wrapped = output.lastIndexOf(WRAPPED);
  const text = wrapped < 0 ? output : output.slice(0, wrapped);
  const start = text.lastIndexOf(MARK);
  // The log goes on after it, with a time in front of each line.
  const [traceback = ''] = start < 0 ? [text] : text.slice(start).split(/\n(?=\d{4}-\d{2}-\d{2} )/);
  return traceback.trimEnd().split('\n').slice(-LINES).join('\n') || '(it wrote nothing)';
}
