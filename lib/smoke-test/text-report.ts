import path from 'node:path';
import { styleText } from 'node:util';

import { formatTopClasses } from '../report/top-classes';
import type { SmokeTestEvent, SmokeTestStage } from './smoke-test-options';
import type { EndpointSmokeTestReport } from './endpoint-smoke-test-report';
import type { SmokeTestReport } from './smoke-test-report';

export interface TextReportOptions {
  readonly write: (text: string) => void;
  /** Columns for the bars. */
  readonly width: number;
  readonly color: boolean;
}

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const;
const COLORS = { passed: 'green', failed: 'red', skipped: 'yellow' } as const;
const WAIT_LINE_MS = 2000;

/** Writes a smoke test's progress and verdict for people, a line an event. */
export class TextReport {
  private nextWaitLineMs = 0;

  constructor(private readonly options: TextReportOptions) {}

  readonly onEvent = (event: SmokeTestEvent): void => {
    if (event.kind === 'stage') {
      this.options.write(this.stageLine(event.stage));
      return;
    }
    if (event.elapsedMs >= this.nextWaitLineMs) {
      this.nextWaitLineMs = event.elapsedMs + WAIT_LINE_MS;
      this.options.write(`… waiting (${(event.elapsedMs / 1000).toFixed(0)} s): ${event.reason}\n`);
    }
  };

  /** The image's classes, where it was an image, and the verdict. */
  finish(report: SmokeTestReport | EndpointSmokeTestReport): void {
    const { write, width, color } = this.options;
    if ('image' in report && report.image.topClasses.length > 0) {
      write(formatTopClasses(path.basename(report.image.path), report.image.topClasses, { width, color }));
    }
    const verdict = report.passed
      ? 'smoke test passed'
      : `smoke test failed: ${report.reason ?? 'no reason'}`;
    write(`${this.paint(report.passed ? 'passed' : 'failed', verdict)}\n`);
  }

  private stageLine({ name, outcome, durationMs, detail }: SmokeTestStage): string {
    return `${this.paint(outcome, MARKS[outcome])} ${name} (${Math.round(durationMs)} ms): ${detail}\n`;
  }

  private paint(outcome: keyof typeof COLORS, text: string): string {
    return this.options.color ? styleText(COLORS[outcome], text) : text;
  }
}
