import { printable } from '../../report/terminal-text';
import type { SmokeTestEvent } from '../smoke-test-report';
import type { SmokeTestReport } from '../smoke-test-report';
import { resultLines, checkLine, verdictLine } from './result-lines';

/** Output options. */
export interface TextReportOptions {
  /** Writes complete lines, including their line breaks. */
  readonly write: (text: string) => void;
  /** Available columns for the bars. */
  readonly width: number;
  readonly color: boolean;
}

/** Minimum interval between progress lines. */
const LINE_EVERY_MS = 2000;

/** Writes the progress and the result of a smoke test as plain lines, for logs and pipes. */
export class TextReport {
  /** Name of the waiting check. */
  private nextWaitMs = 0;
  /** Time on the process's clock. */
  private nextProgressAt = 0;

  constructor(private readonly options: TextReportOptions) {}

  /** Writes an event; pass this function to `runSmokeTest`. */
  readonly onEvent = (event: SmokeTestEvent): void => {
    switch (event.kind) {
      case 'check-started':
        this.nextWaitMs = 0;
        this.nextProgressAt = performance.now() + LINE_EVERY_MS;
        return;
      case 'waiting':
        if (event.elapsedMs >= this.nextWaitMs) {
          this.nextWaitMs = event.elapsedMs + LINE_EVERY_MS;
          this.line(`… waiting (${(event.elapsedMs / 1000).toFixed(0)} s): ${printable(event.reason)}`);
        }
        return;
      case 'progress':
        if (performance.now() >= this.nextProgressAt) {
          this.nextProgressAt = performance.now() + LINE_EVERY_MS;
          this.line(`… ${event.check}: ${describeProgress(event)}`);
        }
        return;
      case 'check-ended':
        if (event.check.outcome !== 'not-run') {
          this.line(checkLine(event.check, this.options.color));
        }
    }
  };

  /** Writes the samples, the latency, the certificate and the result. */
  finish(report: SmokeTestReport): void {
    const lines = resultLines(report, this.options);
    if (lines !== '') {
      this.options.write(lines);
    }
    this.line(verdictLine(report, this.options.color));
  }

  private line(text: string): void {
    this.options.write(`${text}\n`);
  }
}

/** Such as `120 of 200 calls` or `3 of 10 s`. */
export function describeProgress({
  done,
  total,
  unit,
}: Extract<SmokeTestEvent, { kind: 'progress' }>): string {
  return unit === 'calls'
    ? `${done} of ${total} calls`
    : `${(done / 1000).toFixed(0)} of ${(total / 1000).toFixed(0)} s`;
}
