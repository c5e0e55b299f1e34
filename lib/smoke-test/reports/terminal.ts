import { painter, type Paint } from '../../report/paint';
import { columnsOf, printable, truncate } from '../../report/terminal-text';
import type { SmokeTestEvent } from '../smoke-test-report';
import type { SmokeTestReport, SmokeTestCheckName } from '../smoke-test-report';
import { resultLines, checkLine, verdictLine } from './result-lines';
import { describeProgress } from './text';

/** A terminal, such as `process.stdout`. */
export interface Terminal {
  write(text: string): unknown;
  /** Changes with the size of the window. */
  readonly columns?: number | undefined;
}

export interface TerminalReportOptions {
  readonly terminal: Terminal;
  readonly color: boolean;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
const BAR_COLUMNS = 24;
const DEFAULT_COLUMNS = 80;
const MOST_COLUMNS = 100;
const CLEAR_LINE = '\r\u001b[K';

/** Content of the last line: the current check. */
interface Work {
  readonly check: SmokeTestCheckName;
  readonly since: number;
  /** 0 to 1, if known. */
  readonly share?: number | undefined;
  readonly text?: string | undefined;
}

/**
 * Displays a smoke test on a terminal: one line per completed check, and below them a line that is redrawn for the
 * current check, with a bar while it waits or calls.
 */
export class TerminalReport {
  private work: Work | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly paint: Paint;

  constructor(private readonly options: TerminalReportOptions) {
    this.paint = painter(options.color);
  }

  readonly onEvent = (event: SmokeTestEvent): void => {
    switch (event.kind) {
      case 'check-started':
        this.show({ check: event.check, since: performance.now() });
        return;
      case 'waiting': {
        const { check, elapsedMs, timeoutMs, reason } = event;
        const time = `${(elapsedMs / 1000).toFixed(0)} of ${(timeoutMs / 1000).toFixed(0)} s`;
        this.show({ ...this.at(check), share: elapsedMs / timeoutMs, text: `${time}: ${reason}` });
        return;
      }
      case 'progress':
        this.show({
          ...this.at(event.check),
          share: event.done / event.total,
          text: describeProgress(event),
        });
        return;
      case 'check-ended':
        if (event.check.outcome !== 'not-run') {
          this.print(`${checkLine(event.check, this.options.color)}\n`);
        }
    }
  };

  /** Displays the samples, the latency, the certificate and the result. */
  finish(report: SmokeTestReport): void {
    const { terminal, color } = this.options;
    const width = Math.min(terminal.columns ?? DEFAULT_COLUMNS, MOST_COLUMNS);
    this.print(`${resultLines(report, { width, color })}${verdictLine(report, color)}\n`);
  }

  /** Stops drawing, as `finish` does, if the test ends without a report. */
  close(): void {
    this.print('');
  }

  private at(check: SmokeTestCheckName): Work {
    return { check, since: this.work?.since ?? performance.now() };
  }

  private show(work: Work): void {
    this.work = work;
    this.timer ??= setInterval(this.draw, FRAME_MS).unref();
    this.draw();
  }

  private print(lines: string): void {
    if (this.timer) {
      clearInterval(this.timer);
      this.timer = undefined;
      this.work = undefined;
      this.options.terminal.write(CLEAR_LINE);
    }
    if (lines !== '') {
      this.options.terminal.write(lines);
    }
  }

  private readonly draw = (): void => {
    const { work } = this;
    if (!work) {
      return;
    }
    // One column less: a terminal wraps a full line, and the wrapped part would remain.
    const width = (this.options.terminal.columns ?? DEFAULT_COLUMNS) - 1;
    const elapsedMs = performance.now() - work.since;
    const frame = FRAMES[Math.floor(elapsedMs / FRAME_MS) % FRAMES.length];
    const head = `${frame} ${work.check} `;
    const left = width - columnsOf(head);
    if (left < 0) {
      return;
    }
    const bar = work.share === undefined || left < BAR_COLUMNS * 2 ? undefined : work.share;
    const text = work.text ?? (elapsedMs < 1000 ? '' : `${(elapsedMs / 1000).toFixed(0)} s`);
    const rest = truncate(printable(text), left - (bar === undefined ? 0 : BAR_COLUMNS + 1));
    const drawn = bar === undefined ? '' : `${this.bar(bar)} `;
    this.options.terminal.write(`${CLEAR_LINE}${this.paint('cyan', frame)} ${work.check} ${drawn}${rest}`);
  };

  private bar(share: number): string {
    const full = Math.round(Math.min(Math.max(share, 0), 1) * BAR_COLUMNS);
    return this.paint('cyan', '━'.repeat(full)) + this.paint('dim', '─'.repeat(BAR_COLUMNS - full));
  }
}
