import path from 'node:path';

import { BrainwaveError } from '../../errors/brainwave-error';

/** The reports that are files. */
export const REPORT_FORMATS = ['json', 'junit', 'html', 'prometheus'] as const;

/** One of the reports that are files. */
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const formatsByExtension: Readonly<Partial<Record<string, ReportFormat>>> = {
  '.json': 'json',
  '.xml': 'junit',
  '.html': 'html',
  '.htm': 'html',
  '.prom': 'prometheus',
};

/** The endings that say a report's format. */
export const reportExtensions: readonly string[] = Object.keys(formatsByExtension);

/** @returns the format that a file's ending says; `undefined` where it says none */
export function reportFormatOf(file: string): ReportFormat | undefined {
  return formatsByExtension[path.extname(file).toLowerCase()];
}

/** A report could not be written to its file. */
export class ReportWriteError extends BrainwaveError {
  readonly code = 'REPORT_NOT_WRITTEN';
}
