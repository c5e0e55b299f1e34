import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

/** Cores and memory that this process may use. */
export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Number of worker threads, and how many threads each of them computes with. */
export interface WorkerSizing {
  readonly workers: number;
  /** Threads of the worker that runs requests that come alone: it has the machine to itself. */
  readonly firstThreads: number;
  /** Threads of every other worker. */
  readonly otherThreads: number;
}

/** One event loop feeds the workers. Beyond this number, more threads per worker use the cores better. */
const MAX_WORKERS = 8;
/** More threads do not make one image faster: the layers of image models are too small to divide further. */
const MAX_THREADS = 8;
const MEBIBYTE = 1024 * 1024;
/** Memory of the process without workers. */
const BASE_BYTES = 150 * MEBIBYTE;
/** Memory of a worker's JavaScript heap, decoded images and intermediate results. */
const WORKER_BYTES = 60 * MEBIBYTE;
/** A loaded model takes more than its file: half-precision weights become floats, and convolutions are stored in another layout. */
const BYTES_PER_MODEL_BYTE = 4;

/**
 * Chooses the number of workers: one per core, as long as their models fit into half of the memory. One thread per worker
 * has the highest throughput, because nothing waits for another thread.
 * @param modelBytes size of the model files that each worker loads
 * @param workers number of workers that the user has set
 */
export function sizeWorkers(modelBytes: number, machine: Machine, workers?: number): WorkerSizing {
  const { cores, memoryBytes } = machine;
  const bytes = WORKER_BYTES + BYTES_PER_MODEL_BYTE * modelBytes;
  const fitting = Math.max(1, Math.floor((memoryBytes / 2 - BASE_BYTES) / bytes));
  const count = workers ?? Math.min(cores, MAX_WORKERS, fitting);
  return {
    workers: count,
    firstThreads: Math.min(cores, MAX_THREADS),
    otherThreads: Math.min(MAX_THREADS, Math.max(1, Math.floor(cores / count))),
  };
}

/** Reads what the process may use: the cores of its CPU set and its quota, and the memory of its control group. */
export function thisMachine(): Machine {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  return {
    cores: Math.max(1, Math.min(availableParallelism(), cpuQuota())),
    memoryBytes: constrained > 0 && constrained < total ? constrained : total,
  };
}

/**
 * Cores that the control group may use, rounded up. Containers with a CPU limit see all cores of their node.
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max)
 */
function cpuQuota(): number {
  try {
    return parseCpuMax(readFileSync('/sys/fs/cgroup/cpu.max', 'utf8'));
  } catch {
    return Infinity;
  }
}

/** @param text content of `cpu.max`: the quota and the period in microseconds, or `max` and the period */
export function parseCpuMax(text: string): number {
  const [quota = '', period = ''] = text.trim().split(' ');
  const cores = Math.ceil(Number(quota) / Number(period));
  return Number.isFinite(cores) && cores >= 1 ? cores : Infinity;
}
