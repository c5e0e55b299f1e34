import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Outcome, Result } from './report';

/** A machine under other load is no regression: only a drop below half of the usual ratio is. */
const MARGIN = 2;

/**
 * Compares a quick run with the committed results.
 * @returns one line for each row whose ratio is worse than half of the usual one
 */
export async function findRegressions(outcomes: readonly Outcome[]): Promise<string[]> {
  const file = path.join(__dirname, 'results.json');
  const usual = JSON.parse(await readFile(file, 'utf8')) as Result[];
  return outcomes.flatMap((outcome) => {
    const { name, target } = outcome.row;
    if ('missing' in outcome) {
      return [`${name}: not measured: ${outcome.missing}`];
    }
    const ratio = usual.find(({ row }) => row === name)?.ratio;
    if (ratio === null || ratio === undefined) {
      return [];
    }
    const worse = target.kind === 'at least' ? ratio / outcome.figures.ratio : outcome.figures.ratio / ratio;
    return worse > MARGIN
      ? [
          `${name}: the ratio is ${outcome.figures.ratio.toFixed(2)}, usually ${ratio.toFixed(2)}; find the commit that ` +
            `made the difference, or run \`npm run bench\` to record the new figures`,
        ]
      : [];
  });
}
