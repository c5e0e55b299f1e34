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
  /** Its folders are made; the file is replaced whole, and a device or a pipe is written to. */
  readonly file: string;
}

/**
 * Writes a smoke test's reports, each whole or not at all: a collector that reads a file meanwhile meets the one
 * before it. One that cannot be written does not keep the others from being written.
 * @throws ReportWriteError
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
      remedy: 'name a file in a folder that can be written to',
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
      // Over HTTP they are requests.
      const images = report.target.protocol === 'grpc' ? report.samples : [];
      return htmlReport(report, await embedImages(images));
    }
    case 'prometheus':
      return prometheusReport(report);
  }
}

/** The report as JSON, as schemas/smoke-test-report.schema.json of this package describes it. */
export function jsonReport(report: SmokeTestReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
