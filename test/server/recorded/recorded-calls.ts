import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What an original client sent for one call; test/interop/originals/record.ts wrote it down. */
export interface RecordedCall {
  /** Package and version. */
  readonly client: string;
  /** An image of 8 x 8 pixels, an array of two rows of three, or a question about the model. */
  readonly call: 'image' | 'array' | 'status' | 'metadata';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The message with its prefix, base64. */
  readonly body: string;
}

/** @throws Error if the file cannot be read */
export function recordedCalls(): RecordedCall[] {
  return JSON.parse(readFileSync(path.join(__dirname, 'calls.json'), 'utf8')) as RecordedCall[];
}
