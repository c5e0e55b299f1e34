import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Outcome, Result } from './report';
import type { Row } from './row';

/** A machine under other load is no regression: only a drop below half of the usual ratio is. */
const MARGIN = 2;

/** A row that is worse than usual. */
export interface Regression {
  readonly row: Row;
  readonly problem: string;
}

/**
 * Compares a quick run with the committed results.
 * @returns the rows whose ratio is worse than half of the usual one
 */
export async function findRegressions(outcomes: readonly Outcome[]): Promise<Regression[]> {
  const file = path.join(__dirname, 'results.json');
  const usual = JSON.parse(await readFile(file, 'utf8')) as Result[];
  return outcomes.flatMap((outcome) => {
    const { row } = outcome;
    const { name, target } = row;
    if ('missing' in outcome) {
      return [{ row, problem: `${name}: not measured: ${outcome.missing}` }];
    }
    const ratio = usual.find((result) => result.row === name)?.ratio;
    if (ratio === null || ratio === undefined) {
      return [];
    }
    const worse = target.kind === 'at least' ? ratio / outcome.figures.ratio : outcome.figures.ratio / ratio;
    return worse > MARGIN
      ? [
          {
            row,
            problem:
              `${name}: the ratio is ${outcome.figures.ratio.toFixed(2)}, usually ${ratio.toFixed(2)}; find the commit that ` +
              `made the difference, or run \`npm run bench\` to record the new figures`,
          },
        ]
      : [];
  });
}
