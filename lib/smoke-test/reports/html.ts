import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { SmokeTestReport } from '../smoke-test-report';
import { describeTarget } from './describe';
import type { EmbeddedImage } from './embedded-image';
import { certificateSection } from './html/certificate-section';
import { dnsSection } from './html/dns-section';
import { HISTOGRAM_SCRIPT } from './html/histogram-script';
import { latencySection } from './html/latency-section';
import { Markup, markup } from './html/markup';
import { samplesSection } from './html/samples-section';
import { checksSection } from './html/checks-section';
import { STYLE } from './html/style';
import { verdictSection } from './html/verdict-section';

/**
 * The report as one page that needs no other file and no network. Its policy lets nothing run or load but what is in
 * it: scripts and styles by their hashes, images as data.
 * @param images by the samples' paths
 */
export function htmlReport(report: SmokeTestReport, images: ReadonlyMap<string, EmbeddedImage>): string {
  const hasHistogram = (report.latency?.warm?.samplesMs.length ?? 0) > 0;
  const styles = [...(hasHistogram ? [asset('uplot/dist/uPlot.min.css')] : []), STYLE];
  const scripts = hasHistogram ? [asset('uplot/dist/uPlot.iife.min.js'), HISTOGRAM_SCRIPT] : [];
  const policy =
    `default-src 'none'; img-src data:; style-src ${hashes(styles)}; script-src ${hashes(scripts)}; ` +
    "base-uri 'none'; form-action 'none'";
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${report.passed ? '✓' : '✗'} Smoke test of ${describeTarget(report.target)}</title>
${styles.map((style) => new Markup(`<style>${style}</style>`))}
</head>
<body>
<main>
${verdictSection(report)}
${checksSection(report)}
${samplesSection(report.samples, images)}
${latencySection(report.latency)}
${certificateSection(report.certificate)}
${dnsSection(report.dns)}
<footer>cdktf-brainwave smoke test, ${report.startedAt}</footer>
</main>
${scripts.map((script) => new Markup(`<script>${script}</script>`))}
</body>
</html>
`;
  return page.html;
}

function asset(name: string): string {
  return readFileSync(require.resolve(name), 'utf8');
}

function hashes(texts: readonly string[]): string {
  const sources = texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  return sources.join(' ') || "'none'";
}
