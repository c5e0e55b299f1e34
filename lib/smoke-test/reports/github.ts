import { appendFile } from 'node:fs/promises';

import type { Classification } from '../../client/classification';
import type { SmokeTestReport, SmokeTestCheck } from '../smoke-test-report';
import { describeLatency, describeTarget } from './describe';
import { ReportWriteError } from './report-format';

/** Destinations of a report in GitHub Actions. */
export interface GithubReportOptions {
  /** Writes to the step's standard output, from which the runner reads commands. */
  readonly write: (text: string) => void;
  /** Environment; GITHUB_STEP_SUMMARY is the path of the summary file. @default process.env */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** GitHub displays at most ten annotations per step. */
const ANNOTATIONS = 10;

/**
 * Displays a report on the page of a GitHub Actions run: annotations, and a step summary if the runner supports one.
 * @throws ReportWriteError if the summary cannot be written
 */
export async function writeGithubReport(
  report: SmokeTestReport,
  { write, env = process.env }: GithubReportOptions,
): Promise<void> {
  write(githubAnnotations(report));
  const { GITHUB_STEP_SUMMARY: file } = env;
  if (file === undefined || file === '') {
    return;
  }
  try {
    // Append, because other commands of the step may have written to the file.
    await appendFile(file, githubSummary(report));
  } catch (error) {
    throw new ReportWriteError(
      `cannot write the step summary ${file} (${String((error as NodeJS.ErrnoException).code)})`,
      { cause: error, remedy: 'set GITHUB_STEP_SUMMARY to a writable file, or unset it' },
    );
  }
}

/**
 * Returns the workflow commands that annotate a run with the failure and each wrong sample, or with the success.
 * @returns lines that each end with a line break
 */
export function githubAnnotations(report: SmokeTestReport): string {
  const target = describeTarget(report.target);
  const { failure, durationMs } = report;
  if (!failure) {
    return command('notice', 'Smoke test passed', `${target}: ${(durationMs / 1000).toFixed(1)} s`);
  }
  const check = failure.check === undefined ? '' : ` (${failure.check})`;
  const wrong = report.samples.filter(({ passed }) => !passed);
  return [
    command('error', `Smoke test failed${check}`, `${target}: ${failure.message}`),
    ...wrong
      .slice(0, ANNOTATIONS - 1)
      .map(({ name, detail }) => command('error', `Wrong answer (${name})`, detail)),
  ].join('');
}

/** Escaped as the runner decodes it: @actions/core, command.ts. */
function command(kind: 'error' | 'notice', title: string, message: string): string {
  const data = message.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
  const property = title
    .replace(/%/g, '%25')
    .replace(/\r/g, '%0D')
    .replace(/\n/g, '%0A')
    .replace(/:/g, '%3A')
    .replace(/,/g, '%2C');
  return `::${kind} title=${property}::${data}\n`;
}

const MARKS = { passed: '✅', failed: '❌', skipped: '➖', 'not-run': '⬜' } as const;

/** Formats the report as GitHub Markdown. */
export function githubSummary(report: SmokeTestReport): string {
  const { passed, failure, checks, samples, certificate, latency } = report;
  const parts = [
    `## ${passed ? '✅' : '❌'} Smoke test ${passed ? 'passed' : 'failed'}: ${markdown(describeTarget(report.target))}`,
    ...(failure ? [`> **${markdown(failure.code)}**: ${markdown(failure.message)}`] : []),
    table(['', 'Check', 'Time', 'Found'], checks.map(checkRow)),
    ...(samples.length > 0
      ? [
          table(
            ['', 'Sample', 'First classes', 'Found'],
            samples.map(({ name, passed: right, detail, topClasses = [] }) => [
              right ? MARKS.passed : MARKS.failed,
              markdown(name),
              topClasses.slice(0, 3).map(classOf).join('<br>'),
              markdown(detail),
            ]),
          ),
        ]
      : []),
    ...(latency ? [`Latency: ${markdown(describeLatency(latency))}`] : []),
    ...(certificate
      ? [
          `Certificate: ${markdown(certificate.subject)}, until ${markdown(certificate.validTo)} ` +
            `(${certificate.daysToExpiry} days), ${markdown(certificate.protocol)}`,
        ]
      : []),
  ];
  return `${parts.join('\n\n')}\n\n`;
}

function checkRow({ name, outcome, durationMs, detail, remedy }: SmokeTestCheck): string[] {
  const time = outcome === 'passed' || outcome === 'failed' ? `${Math.round(durationMs)} ms` : '';
  const found = remedy === undefined ? detail : `${detail}; ${remedy}`;
  return [MARKS[outcome], name, time, markdown(found)];
}

function classOf({ label, classIndex, probability }: Classification): string {
  return `${markdown(label ?? `class ${classIndex}`)} ${(probability * 100).toFixed(1)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Escapes Markdown, HTML, mentions and links. */
function markdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[^\p{L}\p{N} .,;"'%=/?-]/gu, (character) => `&#${String(character.codePointAt(0))};`);
}
