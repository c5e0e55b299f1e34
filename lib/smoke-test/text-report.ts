import { styleText } from 'node:util';

import { formatTopClasses } from '../report/top-classes';
import type { SmokeTestEvent } from './smoke-test-event';
import type { SmokeTestReport, SmokeTestStage } from './smoke-test-report';

export interface TextReportOptions {
  readonly write: (text: string) => void;
  /** Columns for the bars. */
  readonly width: number;
  readonly color: boolean;
}

const MARKS = { passed: '✓', failed: '✗', skipped: '–', 'not-run': '·' } as const;
const COLORS = { passed: 'green', failed: 'red', skipped: 'yellow', 'not-run': 'gray' } as const;
const WAIT_LINE_MS = 2000;

/** Writes a smoke test's progress and verdict for people, a line an event. */
export class TextReport {
  private nextWaitLineMs = 0;

  constructor(private readonly options: TextReportOptions) {}

  readonly onEvent = (event: SmokeTestEvent): void => {
    if (event.kind === 'stage-ended') {
      this.nextWaitLineMs = 0;
      this.options.write(this.stageLine(event.stage));
    } else if (event.kind === 'waiting' && event.elapsedMs >= this.nextWaitLineMs) {
      this.nextWaitLineMs = event.elapsedMs + WAIT_LINE_MS;
      this.options.write(`… waiting (${(event.elapsedMs / 1000).toFixed(0)} s): ${event.reason}\n`);
    }
  };

  /** The images' classes and the verdict. */
  finish(report: SmokeTestReport): void {
    const { write, width, color } = this.options;
    for (const { name, topClasses } of report.samples) {
      if (topClasses && topClasses.length > 0) {
        write(formatTopClasses(name, topClasses, { width, color }));
      }
    }
    const verdict = report.passed
      ? 'smoke test passed'
      : `smoke test failed: ${report.failure?.message ?? 'no reason'}`;
    write(`${this.paint(report.passed ? 'passed' : 'failed', verdict)}\n`);
  }

  private stageLine({ name, outcome, durationMs, detail }: SmokeTestStage): string {
    return `${this.paint(outcome, MARKS[outcome])} ${name} (${Math.round(durationMs)} ms): ${detail}\n`;
  }

  private paint(outcome: keyof typeof COLORS, text: string): string {
    return this.options.color ? styleText(COLORS[outcome], text) : text;
  }
}
