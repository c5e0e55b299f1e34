import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds, as Linux counts it. */
export interface ProcessFigures {
  readonly memoryKb: number;
  readonly fileDescriptors: number;
  readonly threads: number;
}

export function figuresOf(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    memoryKb: field('VmRSS'),
    fileDescriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: field('Threads'),
  };
}
