import { painter, type TextStyle } from '../../report/paint';
import { printable } from '../../report/terminal-text';
import { formatTopClasses, type TopClassesStyle } from '../../report/top-classes';
import type {
  ServedCertificateReport,
  SmokeTestReport,
  SmokeTestSampleReport,
  SmokeTestCheck,
} from '../smoke-test-report';
import { describeLatency } from './describe';
import { latencySparkline } from './latency-histogram';

const MARKS = { passed: '✓', failed: '✗', skipped: '–', 'not-run': '·' } as const;
const STYLES: Readonly<Record<SmokeTestCheck['outcome'], TextStyle>> = {
  passed: 'green',
  failed: 'red',
  skipped: 'yellow',
  'not-run': 'dim',
};
/** Maximum number of samples to show: for a folder of images, the wrong answers matter, not each correct one. */
const SHOWN_SAMPLES = 8;
/** Minimum number of calls for a meaningful histogram. */
const DRAWN_CALLS = 10;
/** Days before expiry from which a warning is shown. */
const SOON = 14;

/** Formats the result of a check as a line without a line break. */
export function checkLine({ name, outcome, durationMs, detail }: SmokeTestCheck, color: boolean): string {
  const mark = painter(color)(STYLES[outcome], MARKS[outcome]);
  return `${mark} ${name} (${Math.round(durationMs)} ms)${detail === '' ? '' : `: ${printable(detail)}`}`;
}

/** Formats the samples, the latency and the certificate of a report. */
export function resultLines(report: SmokeTestReport, style: TopClassesStyle): string {
  return evidenceLines(report, style, () => false);
}

/** Formats a whole failed test: the reason first, and then its checks and samples without repeating it. */
export function failureLines(report: SmokeTestReport, style: TopClassesStyle): string {
  const { checks, failure } = report;
  const isTold = (detail: string) => failure?.message.includes(detail) === true;
  const lines = checks
    .filter(({ outcome }) => outcome !== 'not-run')
    .map((check) => checkLine(check.outcome === 'failed' ? { ...check, detail: '' } : check, style.color));
  return [verdictLine(report, style.color), ...lines, evidenceLines(report, style, isTold)].join('\n');
}

/** @param isTold whether the reader knows already why a sample is wrong */
function evidenceLines(
  report: SmokeTestReport,
  style: TopClassesStyle,
  isTold: (detail: string) => boolean,
): string {
  const { samples, latency, certificate } = report;
  const shown = [...samples.filter(({ passed }) => !passed), ...samples.filter(({ passed }) => passed)];
  const lines = shown
    .slice(0, SHOWN_SAMPLES)
    .map((sample) => sampleLines(sample, style, isTold(sample.detail)));
  if (shown.length > SHOWN_SAMPLES) {
    lines.push(`… and ${shown.length - SHOWN_SAMPLES} more samples\n`);
  }
  const paint = painter(style.color);
  if (latency) {
    const samplesMs = latency.warm?.samplesMs ?? [];
    const drawing = samplesMs.length >= DRAWN_CALLS ? ` ${paint('cyan', latencySparkline(samplesMs))}` : '';
    lines.push(`${paint('bold', 'latency')} ${describeLatency(latency)}${drawing}\n`);
  }
  if (certificate) {
    lines.push(certificateLine(certificate, style.color));
  }
  return lines.join('');
}

/** Formats the last line: passed, or failed with the reason and the remedy. */
export function verdictLine({ passed, failure }: SmokeTestReport, color: boolean): string {
  const paint = painter(color);
  return passed
    ? paint('green', 'smoke test passed')
    : paint('red', `smoke test failed: ${printable(failure?.message ?? 'no reason')}`);
}

function sampleLines(
  { name, passed, detail, topClasses }: SmokeTestSampleReport,
  style: TopClassesStyle,
  isTold: boolean,
): string {
  const wrong = passed || isTold ? '' : `  ${painter(style.color)('red', `✗ ${printable(detail)}`)}\n`;
  return topClasses && topClasses.length > 0
    ? formatTopClasses(name, topClasses, style) + wrong
    : `${painter(style.color)('bold', printable(name))} ${printable(detail)}\n`;
}

function certificateLine(
  { subject, issuer, validTo, daysToExpiry, protocol }: ServedCertificateReport,
  color: boolean,
): string {
  const paint = painter(color);
  const expiry =
    daysToExpiry < 0
      ? paint('red', `expired ${-daysToExpiry} days ago`)
      : paint(daysToExpiry < SOON ? 'yellow' : 'green', `${daysToExpiry} days left`);
  const names = printable(`${subject}, issued by ${issuer}, ${protocol}, until ${validTo.slice(0, 10)}`);
  return `${paint('bold', 'certificate')} ${names}: ${expiry}\n`;
}
