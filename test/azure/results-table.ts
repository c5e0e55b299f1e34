import { STEPS, type ScenarioResult } from './run-scenario';

/** The results as a table: a row for each scenario, a column for each step. */
export function resultsTable(results: readonly ScenarioResult[]): string {
  const rows = [
    ['stack', ...STEPS],
    ...results.map((result) => [result.name, ...STEPS.map((step) => cell(result, step))]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map(
    (row) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`,
  );
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}

function cell({ passed, changes, failure }: ScenarioResult, step: (typeof STEPS)[number]): string {
  if (failure?.step === step) {
    return 'FAILED';
  }
  if (!passed.includes(step)) {
    return '-';
  }
  return step === 'changes' ? `${changes.length} passed` : 'passed';
}
