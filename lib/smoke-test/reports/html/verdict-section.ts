import type { SmokeTestReport } from '../../smoke-test-report';
import { describeTarget } from '../describe';
import { mark } from './mark';
import { markup, type Markup } from './markup';

/** The page's head: what was tested and how it went, with the remedy where it failed. */
export function verdictSection(report: SmokeTestReport): Markup {
  const { passed, target, startedAt, durationMs, model, exitCode } = report;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Tested', startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ['Took', `${(durationMs / 1000).toFixed(1)} s`],
    ['Exit code', String(exitCode)],
    ['Key', target.key ? 'calls carried one' : 'calls carried none'],
    ['Connected to', target.connectedTo],
    ['Certificate checked for', target.serverName],
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
<h2>${failure.check === undefined ? 'It failed before the first check' : `It failed at the check ${failure.check}`} <span class="quiet">(${kind})</span></h2>
<p>${remedy === undefined ? failure.message : check?.detail}</p>
${remedy === undefined ? undefined : markup`<p class="remedy"><strong>To mend it:</strong> ${remedy}</p>`}
</section>`;
}
