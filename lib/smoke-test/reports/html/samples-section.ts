import type { Classification } from '../../../client/classification';
import type { SmokeTestSampleReport } from '../../smoke-test-report';
import type { EmbeddedImage } from '../embedded-image';
import { bar } from './bar';
import { mark } from './mark';
import { markup, type Markup } from './markup';

/** The images with their first classes as bars, and the answers over HTTP. */
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
  const { name, passed, detail, topClasses, answer, expected, drift } = sample;
  const expectations = Object.entries(expected).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  return markup`<article class="sample ${image ? '' : 'plain'}">
${image && picture(name, image)}
<div>
<h3>${mark(passed ? 'passed' : 'failed')}${name}</h3>
<p class="found ${passed ? 'quiet' : 'fail'}">${detail}</p>
${topClasses && topClasses.length > 0 ? classes(topClasses, sample) : undefined}
${answer === undefined ? undefined : markup`<pre>${answer}</pre>`}
${expectations.length > 0 ? markup`<p class="expected">Expected: ${expectations.join(', ')}</p>` : undefined}
${drift === undefined ? undefined : markup`<p class="expected">Drift from the baseline: ${Number(drift.toPrecision(3))}</p>`}
</div>
</article>`;
}

function picture(name: string, image: EmbeddedImage): Markup {
  return 'dataUri' in image
    ? markup`<img src="${image.dataUri}" alt="the image ${name}">`
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
