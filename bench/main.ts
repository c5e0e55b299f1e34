import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Command, InvalidArgumentError, Option } from 'commander';

import { drawBenchmarks } from '../scripts/pictures/benchmarks';
import { drawRequestTime } from '../scripts/pictures/request-time';
import { describeMachine } from './machine';
import { findRegressions } from './quick';
import { measureRequest } from './request-time';
import { toJson, toMarkdown, toText, type Outcome } from './report';
import { MissingPeerError, type Row } from './row';
import { ROWS } from './rows';

interface Options {
  readonly row?: string[];
  readonly repeats: number;
  readonly seconds: number;
  readonly list?: true;
  readonly quick?: true;
}

const names = ROWS.map(({ name }) => name);

const program = new Command('bench')
  .description(
    'Compares this package with peers, which it installs, and prints a table. A run of all rows writes ' +
      'bench/RESULTS.md, bench/results.json and their picture. Close other programs: they compete for the cores.',
  )
  .addOption(new Option('-r, --row <name...>', 'measure only these rows, and write no files').choices(names))
  .option('--repeats <number>', 'number of measurements per side', positive, 5)
  .option('--seconds <number>', 'duration of a measurement under load', positive, 3)
  .option('--list', 'list the rows')
  .addOption(
    new Option(
      '--quick',
      'measure the rows that need no installation, briefly, and fail if a ratio is worse than half of the committed one',
    ).conflicts('row'),
  )
  .action(async (options: Options) => {
    if (options.list) {
      process.stdout.write(ROWS.map(({ name, title }) => `${name}: ${title}\n`).join(''));
      return;
    }
    await (options.quick ? guard() : bench(options));
  });

/** Measures briefly, measures again longer what seems to be a regression, and fails if it still is one. */
async function guard(): Promise<void> {
  const first = await measureRows(
    ROWS.filter(({ quick }) => quick),
    { repeats: 3, seconds: 1 },
  );
  process.stdout.write(`${toText(first)}\n`);
  const suspects = new Set((await findRegressions(first)).map(({ row }) => row));
  if (suspects.size === 0) {
    return;
  }
  process.exitCode = 0;
  const again = await measureRows([...suspects], { repeats: 9, seconds: 1 });
  process.stdout.write(`${toText(again)}\n`);
  const regressions = (await findRegressions(again)).map(({ problem }) => problem);
  if (regressions.length > 0) {
    process.exitCode = 1;
    process.stderr.write(`${regressions.join('\n')}\n`);
  }
}

async function bench({ row: asked, repeats, seconds }: Options): Promise<void> {
  const machine = await describeMachine();
  const rows = ROWS.filter(({ name }) => asked?.includes(name) ?? true);
  const outcomes = await measureRows(rows, { repeats, seconds });
  process.stdout.write(`${machine.join('\n')}\n\n${toText(outcomes)}\n`);
  if (!asked) {
    const how =
      `Each side was measured ${repeats} times in turn with the other (the short-lived processes of load, ` +
      `smoke-test and score three times as often), under load for ${seconds} s each time. Ours and the peer's are medians; ` +
      "the ratio is the median of ours to the peer's of each turn.";
    await writeFile(path.join(__dirname, 'RESULTS.md'), toMarkdown(outcomes, machine, how));
    const results = toJson(outcomes);
    await writeFile(path.join(__dirname, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`);
    const pictures = path.resolve(__dirname, '../docs/pictures');
    await writeFile(path.join(pictures, 'benchmarks.svg'), drawBenchmarks(results));
    await recordRequest(seconds, pictures);
  }
}

/** Records where the time of one request goes. */
async function recordRequest(seconds: number, pictures: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-bench-'));
  try {
    const parts = await measureRequest(folder, seconds);
    await writeFile(path.join(__dirname, 'request-time.json'), `${JSON.stringify(parts, undefined, 2)}\n`);
    await writeFile(path.join(pictures, 'request-time.svg'), drawRequestTime(parts));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureRows(
  rows: readonly Row[],
  limits: { readonly repeats: number; readonly seconds: number },
): Promise<Outcome[]> {
  delete process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;
  const outcomes: Outcome[] = [];
  const folder = await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-bench-'));
  try {
    for (const row of rows) {
      process.stderr.write(`${row.name} …\n`);
      outcomes.push(await measure(row, { ...limits, folder: path.join(folder, row.name) }));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return outcomes;
}

async function measure(row: Row, run: Parameters<Row['measure']>[0]): Promise<Outcome> {
  try {
    await mkdir(run.folder, { recursive: true });
    return { row, figures: await row.measure(run) };
  } catch (error) {
    if (!(error instanceof MissingPeerError)) {
      // Continue with the other rows.
      process.exitCode = 1;
      process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
    }
    return { row, missing: (error as Error).message.split('\n')[0] };
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError('Expected a whole number of at least 1.');
  }
  return value;
}

void program.parseAsync();
