import type { SmokeTestCheck } from '../../smoke-test-report';
import { markup, type Markup } from './markup';

const MARKS = {
  passed: ['pass', '✓', 'passed'],
  failed: ['fail', '✗', 'failed'],
  skipped: ['quiet', '–', 'skipped'],
  'not-run': ['quiet', '·', 'not run'],
} as const;

/** An outcome as a sign, and as a word for those who do not see it. */
export function mark(outcome: SmokeTestCheck['outcome']): Markup {
  const [color, sign, word] = MARKS[outcome];
  return markup`<span class="mark ${color}" aria-hidden="true">${sign}</span><span class="hidden">${word}: </span>`;
}
