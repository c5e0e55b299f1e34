import path from 'node:path';

import { reportFormats, type ReportFormat, type ReportOutput } from '../smoke-test/reports/write-reports';
import { UsageError } from './usage-error';

/** What `--report` asks for, each time that it is given. */
export interface RequestedReports {
  readonly files: readonly ReportOutput[];
  /** Annotations and a step summary for GitHub Actions. */
  readonly github: boolean;
}

const formatsByExtension: Readonly<Partial<Record<string, ReportFormat>>> = {
  '.json': 'json',
  '.xml': 'junit',
  '.html': 'html',
  '.htm': 'html',
  '.prom': 'prometheus',
};

/**
 * Reads the values of `--report`: `github`, a file whose extension says the format, or `<format>=<file>`.
 * @throws UsageError
 */
export function requestedReports(values: readonly string[] = []): RequestedReports {
  return {
    files: values.filter((value) => value !== 'github').map(outputOf),
    github: values.includes('github'),
  };
}

function outputOf(value: string): ReportOutput {
  const [name, ...file] = value.split('=');
  const named = reportFormats.find((format) => format === name);
  if (named !== undefined && file.length > 0 && file.join('=') !== '') {
    return { format: named, file: file.join('=') };
  }
  const format = formatsByExtension[path.extname(value).toLowerCase()];
  if (format === undefined || named !== undefined) {
    throw new UsageError(
      `--report is "${value}"; expected github, <format>=<file> with the format ${reportFormats.join(', ')}, ` +
        `or a file that ends in ${Object.keys(formatsByExtension).join(', ')}`,
    );
  }
  return { format, file: value };
}
