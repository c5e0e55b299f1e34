import type { Classification } from '../../../client/classification';
import type { SmokeTestCheck, SmokeTestReport, SmokeTestSampleReport } from '../../smoke-test-report';
import { describeTarget } from '../describe';
import type { EmbeddedImage } from '../embedded-image';
import { bar, mark, markup, type Markup } from './markup';

/** Minimum length of a bar, so that it is visible. */
const SHORTEST_BAR = 0.006;

/** Draws the page's header: what was tested, the result, and the remedy if it failed. */
export function verdictSection(report: SmokeTestReport): Markup {
  const { passed, target, startedAt, durationMs, model, exitCode } = report;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Tested', startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ['Duration', `${(durationMs / 1000).toFixed(1)} s`],
    ['Exit code', String(exitCode)],
    ['Key', target.key ? 'sent with calls' : 'none'],
    ['Connected to', target.connectedTo],
    ['Certificate verified for', target.serverName],
    [
      'Model',
      model &&
        [model.name, ...model.versions.map((version) => `version ${version}`)].filter(Boolean).join(', '),
    ],
  ];
  return markup`<header class="verdict ${passed ? 'passed' : 'failed'}">
<h1>${mark(passed ? 'passed' : 'failed')}Smoke test ${passed ? 'passed' : 'failed'}</h1>
<p class="address"><code>${describeTarget(target)}</code></p>
<dl class="facts">${facts.flatMap(([name, value]) =>
    value === undefined ? [] : [markup`<div><dt>${name}</dt><dd>${value}</dd></div>`],
  )}</dl>
</header>
${failure(report)}`;
}

function failure({ failure, checks }: SmokeTestReport): Markup | undefined {
  if (!failure) {
    return undefined;
  }
  const check = checks.find(({ name, outcome }) => name === failure.check && outcome === 'failed');
  const kind = [failure.code, check?.reason].filter((part) => part !== undefined).join(', ');
  const remedy = check?.remedy;
  return markup`<section class="failure" role="alert">
<h2>${failure.check === undefined ? 'Failed before the first check' : `Failed check: ${failure.check}`} <span class="quiet">(${kind})</span></h2>
<p>${remedy === undefined ? failure.message : check?.detail}</p>
${remedy === undefined ? undefined : markup`<p class="remedy"><strong>To fix it:</strong> ${remedy}</p>`}
</section>`;
}

/** Draws the checks on one timeline. */
export function checksSection({ checks, durationMs }: SmokeTestReport): Markup {
  const totalMs = Math.max(durationMs, ...checks.map((check) => check.startMs + check.durationMs), 1);
  return markup`<section class="checks-section">
<h2>Checks</h2>
<table class="checks">
<thead class="hidden"><tr><th scope="col">Check</th><th scope="col">Timeline</th><th scope="col">Time</th><th scope="col">Finding</th></tr></thead>
<tbody>${checks.map((check) => row(check, totalMs))}</tbody>
</table>
</section>`;
}

function row({ name, outcome, startMs, durationMs, detail }: SmokeTestCheck, totalMs: number): Markup {
  const ran = outcome === 'passed' || outcome === 'failed';
  const share = Math.max(durationMs / totalMs, SHORTEST_BAR);
  return markup`<tr class="${outcome}">
<th scope="row">${mark(outcome)}<span>${name}</span></th>
<td class="time">${ran ? bar(Math.min(startMs / totalMs, 1 - share), share) : undefined}</td>
<td class="number">${ran ? milliseconds(durationMs) : undefined}</td>
<td class="${ran ? '' : 'quiet'}">${detail}</td>
</tr>`;
}

function milliseconds(value: number): string {
  return value < 10_000 ? `${value.toFixed(value < 100 ? 1 : 0)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** Draws the images with their top classes as bars, and the responses over HTTP. */
export function samplesSection(
  samples: readonly SmokeTestSampleReport[],
  images: ReadonlyMap<string, EmbeddedImage>,
): Markup | undefined {
  if (samples.length === 0) {
    return undefined;
  }
  return markup`<section class="samples-section">
<h2>Samples</h2>
<div class="samples">${samples.map((sample) => article(sample, images.get(sample.path)))}</div>
</section>`;
}

function article(sample: SmokeTestSampleReport, image: EmbeddedImage | undefined): Markup {
  const { name, passed, detail, topClasses, referenceClasses, answer, expected, drift } = sample;
  const expectations = Object.entries(expected).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return markup`<article class="sample ${image ? '' : 'plain'}">
${image && picture(name, image)}
<div>
<h3>${mark(passed ? 'passed' : 'failed')}${name}</h3>
<p class="found ${passed ? 'quiet' : 'fail'}">${detail}</p>
${topClasses && topClasses.length > 0 ? classes(topClasses, sample) : undefined}
${referenceClasses ? markup`<p class="expected">The reference:</p>${classes(referenceClasses, sample)}` : undefined}
${answer === undefined ? undefined : markup`<pre>${answer}</pre>`}
${expectations.length > 0 ? markup`<p class="expected">Expected: ${expectations.join(', ')}</p>` : undefined}
${drift === undefined ? undefined : markup`<p class="expected">Drift from the ${referenceClasses ? 'reference' : 'baseline'}: ${Number(drift.toPrecision(3))}</p>`}
</div>
</article>`;
}

function picture(name: string, image: EmbeddedImage): Markup {
  return 'dataUri' in image
    ? markup`<img src="${image.dataUri}" alt="image ${name}">`
    : markup`<p class="omitted">${image.omitted}</p>`;
}

function classes(topClasses: readonly Classification[], { name, expected }: SmokeTestSampleReport): Markup {
  return markup`<table class="classes">
<caption class="hidden">The most probable classes of ${name}</caption>
<tbody>${topClasses.map(
    (each, index) => markup`<tr class="${index === 0 ? 'first' : ''}">
<th scope="row">${each.label ?? `class ${each.classIndex}`}${isExpected(each, expected) ? markup`<span class="tag">expected</span>` : undefined}</th>
<td>${bar(0, each.probability)}</td>
<td class="number">${(each.probability * 100).toFixed(1)} %</td>
</tr>`,
  )}</tbody>
</table>`;
}

function isExpected(
  { label, classIndex }: Classification,
  expected: SmokeTestSampleReport['expected'],
): boolean {
  return expected.label === undefined ? expected.classIndex === classIndex : expected.label === label;
}
