import path from 'node:path';

import { writeOutputFile } from '../../files/output-file';
import { makeFolder, type FileWriteError } from '../../files/whole-file';
import type { SmokeTestReport } from '../smoke-test-report';
import { embedImages } from './embedded-image';
import { prometheusReport } from './prometheus';
import { ReportWriteError, type ReportFormat } from './report-format';

/** A report to write. */
export interface ReportOutput {
  readonly format: ReportFormat;
  /** Missing folders are created. A file is replaced atomically; a device or a pipe is written to. */
  readonly file: string;
}

/**
 * Writes the reports of a smoke test, each atomically, so that a collector that reads the file in the meantime reads the
 * previous report. If one cannot be written, the others still are.
 * @throws ReportWriteError if a report cannot be written
 */
export async function writeReports(report: SmokeTestReport, outputs: readonly ReportOutput[]): Promise<void> {
  const problems: string[] = [];
  const causes: unknown[] = [];
  for (const { format, file } of outputs) {
    const content = await render(report, format);
    try {
      await makeFolder(path.dirname(file));
      await writeOutputFile(file, content);
    } catch (error) {
      const { cause } = error as FileWriteError;
      problems.push(
        `cannot write the ${format} report ${file} (${String((cause as NodeJS.ErrnoException).code)})`,
      );
      causes.push(cause);
    }
  }
  if (problems.length > 0) {
    throw new ReportWriteError(problems.join(', '), {
      cause: causes[0],
      remedy: 'choose a file in a writable folder',
    });
  }
}

async function render(report: SmokeTestReport, format: ReportFormat): Promise<string> {
  switch (format) {
    case 'json':
      return jsonReport(report);
    case 'junit': {
      const { junitReport } = require('./junit') as typeof import('./junit');
      return junitReport(report);
    }
    case 'html': {
      const { htmlReport } = require('./html') as typeof import('./html');
      // Samples over HTTP are requests, not images.
      const images = report.target.protocol !== 'http' ? report.samples : [];
      return htmlReport(report, await embedImages(images));
    }
    case 'prometheus':
      return prometheusReport(report);
  }
}

/** Formats the report as JSON, as described by schemas/smoke-test-report.schema.json of this package. */
export function jsonReport(report: SmokeTestReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
