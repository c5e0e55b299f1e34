/** What a log entry carries besides its message. Never a key, an image or a request's content. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the server writes what happens. pino's and bunyan's loggers fit. */
export interface Log {
  /** What helps to find a fault, and nothing else. */
  debug(fields: LogFields, message: string): void;
  /** What happens in the course of things: a start, a change, a stop. */
  info(fields: LogFields, message: string): void;
  /** What somebody should look at, though calls are answered. */
  warn(fields: LogFields, message: string): void;
  /** What keeps calls from being answered. */
  error(fields: LogFields, message: string): void;
}

/** Writes one JSON object a line. */
export class JsonLog implements Log {
  constructor(private readonly write: (line: string) => void = (line) => process.stdout.write(line)) {}

  debug(): void {
    // A production log starts at `info`; a logger of the user's own can do otherwise.
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

/** Writes nothing. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {
  // That is its purpose.
}
