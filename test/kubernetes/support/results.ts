import { appendFile } from 'node:fs/promises';

import type { Calls } from './callers';
import { testCluster } from './cluster-connection';

/** What a scenario did to the callers. */
export interface ScenarioResult extends Calls {
  readonly scenario: string;
  /** Time of the change, in seconds. */
  readonly seconds: number;
}

/** Adds a row to the table at the end of the run. */
export async function record(result: ScenarioResult): Promise<void> {
  await appendFile(testCluster().resultsFile, `${JSON.stringify(result)}\n`);
}

/** The results as a Markdown table. */
export function resultsTable(results: readonly ScenarioResult[]): string {
  const rows = results.map(({ scenario, seconds, made, lost, wrong }) => [
    scenario,
    ...[seconds, made, lost, wrong].map((value) =>
      value.toLocaleString('en-US', { maximumFractionDigits: 0 }),
    ),
  ]);
  const titles = ['Scenario', 'Seconds', 'Calls', 'Lost', 'Wrong answers'];
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const separator = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(titles), separator, ...rows.map(line)].join('\n');
}
