import type { SmokeTestEvent } from '../smoke-test-report';
import type { SmokeTestReport } from '../smoke-test-report';
import { TerminalReport } from './terminal';
import { TextReport } from './text';

/** Displays a smoke test while it runs. */
export interface ConsoleReport {
  /** Displays an event; pass this function to `runSmokeTest`. */
  readonly onEvent: (event: SmokeTestEvent) => void;
  /** Shows the result. */
  finish(report: SmokeTestReport): void;
  /** Stops drawing, if the test ends without a report. */
  close?(): void;
}

const WIDTH = 80;

/**
 * Displays progress live on an interactive terminal, and as plain lines elsewhere: in a file, in a pipe, on a terminal
 * without cursor control (`TERM=dumb`), and if `CI` is set, because logs would contain every frame.
 * @param color whether to use color
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
