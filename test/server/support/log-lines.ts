import { JsonLog } from '../../../lib/server';

interface LogEntry {
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly requestId?: string;
  readonly method?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly peer?: string;
}

/** A server's log, line by line as it would stand on standard output. */
export class LogLines {
  readonly lines: string[] = [];
  readonly log = new JsonLog((line) => this.lines.push(line));

  get text(): string {
    return this.lines.join('');
  }

  get entries(): LogEntry[] {
    return this.lines.map((line) => JSON.parse(line) as LogEntry);
  }

  /** The entry of the call that was sent with this `x-request-id`. */
  call(requestId: string): LogEntry | undefined {
    return this.entries.find((entry) => entry.requestId === requestId);
  }
}
