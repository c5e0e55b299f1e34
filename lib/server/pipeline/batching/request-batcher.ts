import { elementCount, type FloatTensor } from '../../../wire/tensor';
import type { StageTensor } from '../named-outputs';

/** A batch of one request, or of several. */
export interface BatchedCall<Context> {
  readonly tensor: FloatTensor;
  /** Contexts of the requests whose rows the batch contains, in their order. */
  readonly contexts: readonly Context[];
  /** Aborts when no request waits for the result anymore. */
  readonly signal: AbortSignal;
}

/** Options of a batcher. */
export interface RequestBatcherOptions<Context> {
  /** Milliseconds that a request waits for others: `batch_timeout_micros` of TensorFlow Serving. */
  readonly delayMs: number;
  readonly run: (call: BatchedCall<Context>) => Promise<StageTensor>;
  /** Whether an error may concern one of the requests only. Each of them then runs again on its own. */
  readonly mayConcernOne: (error: unknown) => boolean;
}

interface Entry<Context> {
  readonly tensor: FloatTensor;
  readonly context: Context;
  readonly resolve: (result: StageTensor) => void;
  readonly reject: (reason: unknown) => void;
  /** Called when the request is aborted. */
  onAbort: () => void;
  isAborted: boolean;
}

interface OpenBatch<Context> {
  readonly entries: Entry<Context>[];
  readonly timer: NodeJS.Timeout;
  rows: number;
}

/**
 * Merges the rows of requests that arrive within a delay into one batch, and splits its result. Only requests whose rows have
 * the same shape are merged.
 * @see https://github.com/tensorflow/serving/blob/master/tensorflow_serving/batching/README.md
 */
export class RequestBatcher<Context> {
  private readonly open = new Map<string, OpenBatch<Context>>();

  constructor(private readonly options: RequestBatcherOptions<Context>) {}

  /**
   * Runs the rows of a request, alone or with those of others.
   * @param maxRows maximum number of rows of a batch (`max_batch_size` of TensorFlow Serving); a full batch waits no longer
   * @param signal rejects the call immediately with the signal's reason; the other requests of the batch continue
   */
  run(tensor: FloatTensor, context: Context, maxRows: number, signal?: AbortSignal): Promise<StageTensor> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        entry.isAborted = true;
        entry.onAbort();
        reject(signal?.reason as Error);
      };
      const entry: Entry<Context> = {
        tensor,
        context,
        resolve: (result) => {
          signal?.removeEventListener('abort', abort);
          resolve(result);
        },
        reject: (reason) => {
          signal?.removeEventListener('abort', abort);
          reject(reason instanceof Error ? reason : new Error(String(reason)));
        },
        onAbort: nothing,
        isAborted: false,
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.add(entry, maxRows);
    });
  }

  private add(entry: Entry<Context>, maxRows: number): void {
    const key = entry.tensor.shape.slice(1).join('x');
    const rows = entry.tensor.shape[0] ?? 0;
    const waiting = this.open.get(key);
    if (waiting !== undefined && waiting.rows + rows > maxRows) {
      this.send(key, waiting);
    }
    const batch = this.open.get(key) ?? this.begin(key);
    batch.entries.push(entry);
    batch.rows += rows;
    if (batch.rows >= maxRows) {
      this.send(key, batch);
    }
  }

  private begin(key: string): OpenBatch<Context> {
    const timer = setTimeout(() => {
      this.send(key, batch);
    }, this.options.delayMs);
    const batch: OpenBatch<Context> = { entries: [], timer, rows: 0 };
    this.open.set(key, batch);
    return batch;
  }

  private send(key: string, batch: OpenBatch<Context>): void {
    clearTimeout(batch.timer);
    this.open.delete(key);
    void this.runTogether(batch.entries.filter(({ isAborted }) => !isAborted));
  }

  private async runTogether(entries: readonly Entry<Context>[]): Promise<void> {
    if (entries.length === 0) {
      return;
    }
    const abandoned = new AbortController();
    for (const entry of entries) {
      entry.onAbort = () => {
        if (entries.every(({ isAborted }) => isAborted)) {
          abandoned.abort(new Error('no request waits for the batch anymore'));
        }
      };
    }
    try {
      const tensor = merge(entries.map((entry) => entry.tensor));
      const contexts = entries.map(({ context }) => context);
      const result = await this.options.run({ tensor, contexts, signal: abandoned.signal });
      split(result, entries).forEach((part, index) => {
        entries[index].resolve(part);
      });
    } catch (error) {
      if (entries.length > 1 && this.options.mayConcernOne(error)) {
        await Promise.all(
          entries.filter(({ isAborted }) => !isAborted).map((entry) => this.runTogether([entry])),
        );
        return;
      }
      for (const entry of entries) {
        entry.reject(error);
      }
    }
  }
}

function merge(tensors: readonly FloatTensor[]): FloatTensor {
  const [first] = tensors;
  if (tensors.length === 1) {
    return first;
  }
  const shape = [tensors.reduce((rows, tensor) => rows + (tensor.shape[0] ?? 0), 0), ...first.shape.slice(1)];
  const data = new Float32Array(elementCount(shape));
  let at = 0;
  for (const tensor of tensors) {
    data.set(tensor.data, at);
    at += tensor.data.length;
  }
  return { shape, data };
}

function split<Context>(result: StageTensor, entries: readonly Entry<Context>[]): readonly StageTensor[] {
  const sizes = result.shape.slice(1);
  const rowSize = elementCount(sizes);
  let at = 0;
  return entries.map(({ tensor }) => {
    const rows = tensor.shape[0] ?? 0;
    const data = result.data.slice(at, at + rows * rowSize);
    at += data.length;
    return { ...result, shape: [rows, ...sizes], data };
  });
}

function nothing(): void {
  // A request that has not been sent has nothing to abandon.
}
