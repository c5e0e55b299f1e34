import path from 'node:path';

/** What a sample is called in reports and in a baseline: its file's name. */
export function sampleName(file: string): string {
  return path.basename(file);
}
