import type { SmokeTestEvent } from '../smoke-test-report';
import type { SmokeTestReport } from '../smoke-test-report';
import { TerminalReport } from './terminal';
import { TextReport } from './text';

/** Shows a smoke test while it runs. */
export interface ConsoleReport {
  /** Shows what an event says; give it to `runSmokeTest`. */
  readonly onEvent: (event: SmokeTestEvent) => void;
  /** Shows the result. */
  finish(report: SmokeTestReport): void;
  /** Ends what is being drawn, where a test ends without a report. */
  close?(): void;
}

const WIDTH = 80;

/**
 * Live on a terminal that a person looks at; plain lines elsewhere: in a file, in a pipe, on a terminal that can draw
 * nothing (`TERM=dumb`), and where `CI` is set, whose logs would keep every frame.
 * @param color whether to write in colour
 */
export function consoleReport(
  stream: NodeJS.WriteStream,
  color: boolean,
  env: NodeJS.ProcessEnv = process.env,
): ConsoleReport {
  const { TERM, CI } = env;
  return stream.isTTY && TERM !== 'dumb' && (CI === undefined || CI === '' || CI === 'false')
    ? new TerminalReport({ terminal: stream, color })
    : new TextReport({ write: (text) => stream.write(text), width: WIDTH, color });
}
