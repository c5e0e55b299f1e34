import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { SmokeTestReport } from '../smoke-test-report';
import { describeTarget } from './describe';
import type { EmbeddedImage } from './embedded-image';
import { certificateSection, dnsSection } from './html/connection';
import { HISTOGRAM_SCRIPT, latencySection } from './html/latency';
import { Markup, markup } from './html/markup';
import { checksSection, samplesSection, verdictSection } from './html/results';
import { STYLE } from './html/style';

/**
 * Formats the report as a self-contained page that needs no network. Its content security policy allows only its own scripts and
 * styles, by their hashes, and images as data URIs.
 * @param images images by the paths of their samples
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
