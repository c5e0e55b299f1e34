import type { SmokeTestReport, SmokeTestCheck } from '../../smoke-test-report';
import { bar } from './bar';
import { mark } from './mark';
import { markup, type Markup } from './markup';

/** Enough of a bar to be seen. */
const SHORTEST_BAR = 0.006;

/** The checks, each with its time on one scale. */
export function checksSection({ checks, durationMs }: SmokeTestReport): Markup {
  const totalMs = Math.max(durationMs, ...checks.map((check) => check.startMs + check.durationMs), 1);
  return markup`<section class="checks-section">
<h2>Checks</h2>
<table class="checks">
<thead class="hidden"><tr><th scope="col">Check</th><th scope="col">Timeline</th><th scope="col">Time</th><th scope="col">Found</th></tr></thead>
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
