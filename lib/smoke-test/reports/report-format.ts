import path from 'node:path';

import { BrainwaveError } from '../../errors/brainwave-error';

/** Formats of report files. */
export const REPORT_FORMATS = ['json', 'junit', 'html', 'prometheus'] as const;

/** Format of a report file. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const formatsByExtension: Readonly<Partial<Record<string, ReportFormat>>> = {
  '.json': 'json',
  '.xml': 'junit',
  '.html': 'html',
  '.htm': 'html',
  '.prom': 'prometheus',
};

/** File extensions of the report formats. */
export const reportExtensions: readonly string[] = Object.keys(formatsByExtension);

/** @returns the format for the extension of a file; `undefined` if the extension is unsupported */
export function reportFormatOf(file: string): ReportFormat | undefined {
  return formatsByExtension[path.extname(file).toLowerCase()];
}

/** A report cannot be written. */
export class ReportWriteError extends BrainwaveError {
  readonly code = 'REPORT_NOT_WRITTEN';
}
