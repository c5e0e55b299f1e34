import { reportExtensions, reportFormatOf, REPORT_FORMATS } from '../smoke-test/reports/report-format';
import type { ReportOutput } from '../smoke-test/reports/write-reports';
import { UsageError } from './report-failure';

/** Values of all `--report` flags. */
export interface RequestedReports {
  readonly files: readonly ReportOutput[];
  /** Annotations and a step summary for GitHub Actions. */
  readonly github: boolean;
}

/**
 * Parses the values of `--report`: `github`, a file whose extension determines the format, or `<format>=<file>`.
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
  const named = REPORT_FORMATS.find((format) => format === name);
  if (named !== undefined && file.length > 0 && file.join('=') !== '') {
    return { format: named, file: file.join('=') };
  }
  const format = reportFormatOf(value);
  if (format === undefined || named !== undefined) {
    throw new UsageError(
      `--report is "${value}"; expected github, <format>=<file> with the format ${REPORT_FORMATS.join(', ')}, ` +
        `or a file that ends in ${reportExtensions.join(', ')}`,
    );
  }
  return { format, file: value };
}
