/** One run of a stage, for metrics and traces. */
export interface StageRun {
  /** `queue`, `decode`, or the label of the stage. */
  readonly stage: string;
  /** Start, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** Images or rows that ran at once; undefined for the queue. */
  readonly rows?: number | undefined;
}

/** Receives the runs of stages, as soon as they have ended. */
export type StageObserver = (run: StageRun) => void;

/** Trace of one request, to which its stages are added. */
export interface CallTrace {
  /** Adds a run that has ended. A run that served several requests at once is added to the trace of each. */
  readonly add: StageObserver;
  /** Begins a run on another server, which receives the headers so that its own spans belong to the same trace. */
  begin(stage: string): RemoteRun;
}

/** A run on another server. */
export interface RemoteRun {
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Ends the run.
   * @param error why the run failed; undefined if it succeeded
   */
  end(rows: number, error?: unknown): void;
}

/** Stage of the time that a part of a request waits for a worker thread. */
export const QUEUE = 'queue';
/** Stage that decodes images. */
export const DECODE = 'decode';

/**
 * Returns the label of a pipeline stage in metrics and traces, such as `onnx-2`. Names of stages are not used: they are chosen by
 * users, and a service would have other labels after its model has changed.
 * @param index position in the definition's `pipeline`, from 0
 */
export function stageLabel(type: string, index: number): string {
  return `${type}-${index + 1}`;
}

/** Returns the time in milliseconds since the epoch, with the resolution of `performance.now()`, comparable between threads. */
export function preciseTime(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Returns a trace whose runs are added to the traces of several requests. The headers of a run on another server continue the
 * first trace, because a call can belong to one only.
 */
export function joinTraces(traces: readonly (CallTrace | undefined)[]): CallTrace | undefined {
  const [first, ...others] = traces.filter((trace) => trace !== undefined);
  if (others.length === 0) {
    return first;
  }
  return {
    add: (run) => {
      [first, ...others].forEach((trace) => {
        trace.add(run);
      });
    },
    begin: (stage) => {
      const startedAt = preciseTime();
      const remote = first.begin(stage);
      return {
        headers: remote.headers,
        end: (rows, error) => {
          remote.end(rows, error);
          const run = { stage, startedAt, durationMs: preciseTime() - startedAt, rows };
          others.forEach((trace) => {
            trace.add(run);
          });
        },
      };
    },
  };
}
