import { Worker } from 'node:worker_threads';

import type { StageTensor } from '../named-outputs';
import { PipelineClosedError, WorkerCrashedError } from '../pipeline-errors';
import { preciseTime, QUEUE, type StageRun } from '../stage-run';
import { unpackFailure } from './failure';
import type { FromWorker, ToWorker, WorkerInput } from './messages';
import { nativeCallsMemory, TerminableWorker } from './native-calls';

/** Options of a worker pool. */
export interface WorkerPoolOptions {
  /** Compiled file that the threads run. It receives `ToWorker` messages and sends `FromWorker` messages. */
  readonly entry: string;
  /**
   * Returns `workerData` of a thread.
   * @param thread number of the thread; the first one is 0 and runs the requests that come alone
   * @param nativeCalls memory for its `NativeCalls`
   */
  readonly start: (thread: number, nativeCalls: SharedArrayBuffer) => unknown;
  /** Number of threads. */
  readonly size: number;
  /** Milliseconds after which a thread that has not responded counts as hung. */
  readonly maxRunMs: number;
  /**
   * Milliseconds that `close` waits for threads to end.
   * @default 10,000
   */
  readonly closeMs?: number | undefined;
}

const DEFAULT_CLOSE_MS = 10_000;

/**
 * Larger requests are rare, and their memory is released after them. For smaller ones, allocating memory costs more than
 * filling it: V8 runs a garbage collection for every 10 MB.
 */
const MAX_INBOX_BYTES = 4 * 1024 * 1024;

/** Arrays live outside of the heap, so workers have little garbage of their own. By default, V8 lets it grow to 48 MB. */
const HEAP = { maxYoungGenerationSizeMb: 8 };

/** Result of a thread, and the runs that led to it. */
export interface WorkerResult {
  readonly tensor: StageTensor;
  /** Time in the queue, then the stages that the thread ran. */
  readonly runs: readonly StageRun[];
}

interface Job {
  readonly input: WorkerInput;
  readonly queuedAt: number;
  /** The time in the queue, once it has ended. */
  waited?: StageRun | undefined;
  readonly resolve: (result: WorkerResult) => void;
  readonly reject: (reason: Error) => void;
}

interface Member {
  readonly terminable: TerminableWorker;
  /** Number of the thread in the pool. A replacement has the number of the thread that it replaces. */
  readonly thread: number;
  /** The job in progress. A job whose request was aborted stays here until the thread is free again. */
  job?: Job | undefined;
  /** Memory through which the thread receives images, shared with it. */
  inbox?: SharedArrayBuffer | undefined;
  /** Fires when the thread counts as hung. */
  patience?: NodeJS.Timeout | undefined;
  /** Called when the thread leaves the pool. */
  onLeave?: (() => void) | undefined;
}

/**
 * Pool of threads that each run one tensor at a time, with a shared queue.
 *
 * If a thread hangs or ends unexpectedly, only the request that it was running fails, and the thread is replaced
 * immediately. If the replacement cannot start, queued requests are rejected and the next request tries again.
 */
export class WorkerPool<Report> {
  private readonly queue: Job[] = [];
  private readonly members = new Set<Member>();
  /** Threads that are starting, by number. */
  private readonly replacements = new Map<number, Promise<void>>();
  /** Threads that were replaced and have not ended, because they are still in native code. */
  private readonly stuck = new Set<TerminableWorker>();
  private readonly lifetime = new AbortController();
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly options: WorkerPoolOptions,
    /** Input and output that the threads reported when they were ready. */
    readonly report: Report,
    members: readonly Member[],
  ) {
    for (const member of members) {
      this.adopt(member);
    }
  }

  /**
   * Starts the threads and waits until all are ready.
   * @throws the error that a thread reports, or the signal's reason
   */
  static async start<Report>(options: WorkerPoolOptions, signal?: AbortSignal): Promise<WorkerPool<Report>> {
    signal?.throwIfAborted();
    const threads = Array.from({ length: options.size }, (_, thread) => spawn(options, thread));
    try {
      const reports = await Promise.all(threads.map(({ worker }) => untilReady<Report>(worker, signal)));
      const members = threads.map((terminable, thread) => ({ terminable, thread }));
      return new WorkerPool(options, reports[0], members);
    } catch (error) {
      await Promise.all(threads.map(endThread));
      throw error;
    }
  }

  /**
   * Runs a request on the free thread with the lowest number.
   * @param input an array, whose memory is transferred to the thread, or images, which are copied
   * @param signal removes a queued request from the queue; a request that is running finishes, and its result is dropped
   */
  async run(input: WorkerInput, signal?: AbortSignal): Promise<WorkerResult> {
    signal?.throwIfAborted();
    if (this.closing !== undefined) {
      throw new PipelineClosedError();
    }
    return new Promise<WorkerResult>((resolve, reject) => {
      const job: Job = {
        input,
        queuedAt: preciseTime(),
        resolve: (result) => {
          signal?.removeEventListener('abort', abort);
          resolve(result);
        },
        reject: (reason) => {
          signal?.removeEventListener('abort', abort);
          reject(reason);
        },
      };
      const abort = (): void => {
        const position = this.queue.indexOf(job);
        if (position >= 0) {
          this.queue.splice(position, 1);
        }
        job.reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.queue.push(job);
      this.dispatch();
    });
  }

  /** Reason why the pool runs nothing anymore, which only a restart of the process changes; undefined if it does. */
  get failure(): string | undefined {
    // Each hung thread occupies a core and the memory of a model, so their number must be limited.
    return this.stuck.size > this.options.size
      ? `${this.stuck.size} threads hang in native code; restart the server`
      : undefined;
  }

  /** Number of tensors that wait for a thread. */
  get queueLength(): number {
    return this.queue.length;
  }

  /** Rejects queued requests, waits for running ones and ends the threads. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    for (const job of this.queue.splice(0)) {
      job.reject(new PipelineClosedError());
    }
    this.lifetime.abort(new PipelineClosedError());
    await Promise.all(this.replacements.values());
    const left = [...this.members].map(
      (member) =>
        new Promise<void>((resolve) => {
          member.onLeave = resolve;
          // Workers process messages in order, so a running request finishes first.
          member.terminable.worker.postMessage({ type: 'close' } satisfies ToWorker);
        }),
    );
    const timer = setTimeout(() => {
      for (const member of this.members) {
        this.abandon(member, 'it did not end when the pipeline closed');
      }
    }, this.options.closeMs ?? DEFAULT_CLOSE_MS);
    await Promise.all(left);
    clearTimeout(timer);
  }

  private dispatch(): void {
    for (const member of [...this.members].sort((left, right) => left.thread - right.thread)) {
      if (member.job !== undefined) {
        continue;
      }
      const job = this.queue.shift();
      if (job === undefined) {
        return;
      }
      member.job = job;
      job.waited = { stage: QUEUE, startedAt: job.queuedAt, durationMs: preciseTime() - job.queuedAt };
      const { maxRunMs } = this.options;
      member.patience = setTimeout(() => {
        this.abandon(member, `it did not respond within ${maxRunMs} ms`);
      }, maxRunMs);
      send(member, job.input);
    }
    if (this.queue.length > 0) {
      this.fillUp();
    }
  }

  private adopt(member: Member): void {
    const { worker } = member.terminable;
    // It may have ended while others were still loading.
    if (worker.threadId === -1) {
      return;
    }
    let lastError: Error | undefined;
    this.members.add(member);
    worker.on('message', (message: FromWorker<Report>) => {
      const { job } = member;
      member.job = undefined;
      clearTimeout(member.patience);
      if (message.type === 'done') {
        const { tensor, runs } = message;
        job?.resolve({ tensor, runs: job.waited ? [job.waited, ...runs] : runs });
      }
      if (message.type === 'failed') {
        job?.reject(unpackFailure(message.failure));
      }
      this.dispatch();
    });
    worker.on('error', (error: Error) => {
      lastError = error;
    });
    worker.on('exit', (code) => {
      this.remove(member, lastError?.message ?? `exit code ${code}`);
      this.fillUp();
    });
  }

  private remove(member: Member, reason: string): void {
    clearTimeout(member.patience);
    this.members.delete(member);
    member.job?.reject(new WorkerCrashedError(reason));
    member.job = undefined;
    member.onLeave?.();
  }

  /** Abandons a thread that may never end: its request fails and another thread replaces it. */
  private abandon(member: Member, reason: string): void {
    const { terminable } = member;
    const { worker } = terminable;
    this.stuck.add(terminable);
    this.remove(member, reason);
    worker.once('exit', () => {
      this.stuck.delete(terminable);
    });
    if (!terminable.terminate()) {
      // It ends after the call.
      worker.postMessage({ type: 'close' } satisfies ToWorker);
    }
    this.fillUp();
  }

  private fillUp(): void {
    const { failure } = this;
    if (failure !== undefined) {
      for (const job of this.queue.splice(0)) {
        job.reject(new WorkerCrashedError(failure));
      }
      return;
    }
    const present = new Set([...this.members].map(({ thread }) => thread));
    for (let thread = 0; this.closing === undefined && thread < this.options.size; thread += 1) {
      if (!present.has(thread) && !this.replacements.has(thread)) {
        const replacement = this.replace(thread).finally(() => this.replacements.delete(thread));
        this.replacements.set(thread, replacement);
      }
    }
  }

  private async replace(thread: number): Promise<void> {
    const terminable = spawn(this.options, thread);
    try {
      await untilReady(terminable.worker, this.lifetime.signal);
    } catch (error) {
      void endThread(terminable);
      if (this.members.size > 0) {
        return;
      }
      const reason = `its replacement failed to start: ${(error as Error).message}`;
      for (const job of this.queue.splice(0)) {
        job.reject(new WorkerCrashedError(reason));
      }
      return;
    }
    this.adopt({ terminable, thread });
    if (this.closing === undefined) {
      this.dispatch();
    }
  }
}

/** Sends images through memory that the thread reads until it responds, and transfers what does not fit into it. */
function send(member: Member, input: WorkerInput): void {
  const { worker } = member.terminable;
  if (!('images' in input)) {
    worker.postMessage({ type: 'run', input } satisfies ToWorker, [input.data.buffer as ArrayBuffer]);
    return;
  }
  const length = input.images.reduce((sum, image) => sum + image.length, 0);
  const isLarge = length > MAX_INBOX_BYTES;
  const memory = isLarge ? new ArrayBuffer(length) : inboxOf(member, length);
  let at = 0;
  const images = input.images.map((image) => {
    const copy = new Uint8Array(memory, at, image.length);
    copy.set(image);
    at += image.length;
    return copy;
  });
  const message: ToWorker = { type: 'run', input: { images } };
  worker.postMessage(message, memory instanceof ArrayBuffer ? [memory] : []);
}

function inboxOf(member: Member, length: number): SharedArrayBuffer {
  const { inbox } = member;
  if (inbox !== undefined && inbox.byteLength >= length) {
    return inbox;
  }
  member.inbox = new SharedArrayBuffer(Math.min(2 * length, MAX_INBOX_BYTES));
  return member.inbox;
}

function spawn({ entry, start }: WorkerPoolOptions, thread: number): TerminableWorker {
  const nativeCalls = nativeCallsMemory();
  const workerData = start(thread, nativeCalls);
  // Engine output does not belong in the server's log.
  const worker = new Worker(entry, { workerData, stdout: true, resourceLimits: HEAP });
  worker.stdout.resume();
  return new TerminableWorker(worker, nativeCalls);
}

/** Ends a thread that may still load models. It reads the message when it has. */
async function endThread(terminable: TerminableWorker): Promise<void> {
  const { worker } = terminable;
  if (worker.threadId === -1) {
    return;
  }
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage({ type: 'close' } satisfies ToWorker);
  const timer = setTimeout(() => terminable.terminate(), DEFAULT_CLOSE_MS).unref();
  await ended;
  clearTimeout(timer);
}

function untilReady<Report>(worker: Worker, signal?: AbortSignal): Promise<Report> {
  return new Promise<Report>((resolve, reject) => {
    const settle = (action: () => void): void => {
      worker.off('message', onMessage).off('exit', onExit);
      signal?.removeEventListener('abort', abort);
      action();
    };
    const abort = (): void => {
      settle(() => {
        reject(signal?.reason as Error);
      });
    };
    const onMessage = (message: FromWorker<Report>): void => {
      settle(() => {
        if (message.type === 'ready') {
          resolve(message.report);
        } else if (message.type === 'failed') {
          reject(unpackFailure(message.failure));
        }
      });
    };
    let reason: string | undefined;
    const onExit = (code: number): void => {
      settle(() => {
        reject(new WorkerCrashedError(reason ?? `exit code ${code}`));
      });
    };
    worker.on('message', onMessage).on('exit', onExit);
    // This listener stays, because an error without a listener ends the process. The exit event that follows is handled.
    worker.on('error', (error: Error) => {
      reason = error.message;
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}
