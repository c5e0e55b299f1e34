/** Fields of a log entry in addition to its message. They never contain a key, an image or the content of a request. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Logger of a server. Compatible with pino and bunyan. */
export interface Log {
  /** Details for troubleshooting. */
  debug(fields: LogFields, message: string): void;
  /** Normal events, such as a start, a reload or a stop. */
  info(fields: LogFields, message: string): void;
  /** Problems that need attention but do not prevent calls from being served. */
  warn(fields: LogFields, message: string): void;
  /** Problems that prevent calls from being served. */
  error(fields: LogFields, message: string): void;
}

/** Writes one JSON object per line. */
export class JsonLog implements Log {
  constructor(private readonly write: (line: string) => void = (line) => process.stdout.write(line)) {}

  debug(): void {
    // A production log starts at `info`. Pass another logger to log more.
  }

  info(fields: LogFields, message: string): void {
    this.entry('info', fields, message);
  }

  warn(fields: LogFields, message: string): void {
    this.entry('warn', fields, message);
  }

  error(fields: LogFields, message: string): void {
    this.entry('error', fields, message);
  }

  private entry(level: string, fields: LogFields, message: string): void {
    this.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  }
}

/** Discards all entries. */
export const silentLog: Log = { debug: discard, info: discard, warn: discard, error: discard };

function discard(): void {
  // A silent log has no output.
}
