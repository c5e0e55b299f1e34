import { reaches, type Figures, type Row, type Target } from './row';

/** A row and its outcome. */
export type Outcome = { readonly row: Row } & (
  | { readonly figures: Figures }
  /** Reason why it was not measured. */
  | { readonly missing: string }
);

const PENDING = '–';

/** Entry of a row in `results.json`, without figures if a peer is missing. */
export interface Result {
  readonly row: string;
  readonly title: string;
  readonly ours: number | null;
  readonly peer: number | null;
  readonly ratio: number | null;
  readonly target: string;
  readonly reached: boolean;
  /** Whether a smaller figure is better. */
  readonly lessIsBetter: boolean;
  readonly unit: string;
  readonly note: string;
}

export function toJson(outcomes: readonly Outcome[]): Result[] {
  return outcomes.map((outcome) => {
    const { row } = outcome;
    const target = describeTarget(row.target, row.unit);
    const { name, title, unit } = row;
    const lessIsBetter = row.target.kind !== 'at least';
    return 'missing' in outcome
      ? {
          ...{ row: name, title, ours: null, peer: null, ratio: null, target, reached: false, lessIsBetter },
          ...{ unit, note: outcome.missing },
        }
      : {
          row: name,
          title,
          ours: rounded(outcome.figures.ours),
          peer: rounded(outcome.figures.peer),
          ratio: rounded(outcome.figures.ratio),
          target,
          reached: reaches(row.target, outcome.figures),
          lessIsBetter,
          unit,
          note: outcome.figures.note ?? '',
        };
  });
}

/** Returns the cells of the table, starting with the header. */
export function toCells(outcomes: readonly Outcome[]): string[][] {
  const head = ['row', 'ours', 'peer', 'ratio', 'target', '', 'note'];
  return [
    head,
    ...outcomes.map((outcome) => {
      const { row } = outcome;
      const target = describeTarget(row.target, row.unit);
      if ('missing' in outcome) {
        return [row.name, PENDING, PENDING, PENDING, target, 'not measured', outcome.missing];
      }
      const { ours, peer, ratio, note = '' } = outcome.figures;
      const verdict = reaches(row.target, outcome.figures) ? 'reached' : 'short';
      const figures = [ours, peer].map((figure) => `${rounded(figure)} ${row.unit}`);
      return [row.name, ...figures, ratio.toFixed(2), target, verdict, note];
    }),
  ];
}

/** Formats the table for a terminal. */
export function toText(outcomes: readonly Outcome[]): string {
  const cells = toCells(outcomes);
  const widths = cells[0].map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  return cells
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Formats the page that is committed. */
export function toMarkdown(outcomes: readonly Outcome[], machine: readonly string[], how: string): string {
  const [head, ...lines] = toCells(outcomes);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`. Do not edit: change `bench/` and run it again.',
    '',
    how,
    '',
    ...machine.map((each) => `- ${each}`),
    '',
    line(head),
    line(head.map(() => '---')),
    ...lines.map(line),
    '',
    '## What the rows measure',
    '',
    ...outcomes.map(({ row }) => `- **${row.name}**: ${row.title}`),
    '',
  ].join('\n');
}

function describeTarget({ kind, value }: Target, unit: string): string {
  switch (kind) {
    case 'at most':
    case 'at least':
      return `${kind} ${value}`;
    case 'more at most':
      return `at most ${value} ${unit} more`;
    case 'below':
      return `below ${value} ${unit}`;
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 4 : 3));
}
