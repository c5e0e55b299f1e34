import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { transpileModule, ModuleKind, ScriptTarget } from 'typescript';

import { corpusFolder } from './corpus';
import { sendMalformedImages } from './images/run';
import { JSON_TARGETS, TARGETS, type Target } from './targets';

/*
 * `npm run fuzz`: each target for some minutes under jsfuzz, which keeps what reaches new code; then thousands of
 * malformed images against a real server.
 *
 *     npm run fuzz -- --seconds 180 --images 6000
 *     npm run fuzz -- --target graph-def --seconds 600
 */

const JSFUZZ = 'jsfuzz@1.0.15';
/** Seconds that one input may take; the first takes what loading and measuring the code takes, besides. */
const TIMEOUT_SECONDS = 60;
const MEMORY_MB = 2048;

const root = path.resolve(__dirname, '../..');
/** Laid out as the repository, so that the targets' imports lead to compiled code. */
const workFolder = path.join(root, 'build/fuzz');

const say = (line: string): void => {
  process.stdout.write(`fuzz: ${line}\n`);
};

/** @returns what runs jsfuzz, from a folder of its own: no dependency of the project's */
function installJsfuzz(): string {
  const folder = path.join(workFolder, 'jsfuzz');
  const program = path.join(folder, 'node_modules/jsfuzz/build/src/index.js');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{"private": true}\n');
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', JSFUZZ], { cwd: folder });
  }
  return program;
}

/** jsfuzz measures JavaScript files. */
function prepareTargets(): void {
  for (const folder of ['lib', 'constructs']) {
    rmSync(path.join(workFolder, folder), { force: true });
    symlinkSync(path.join(root, 'dist', folder), path.join(workFolder, folder));
  }
  const sources = [
    'test/fuzz/refusal.ts',
    'test/smoke-test/reports/sample-reports.ts',
    ...TARGETS.map((target) => `test/fuzz/targets/${target}.ts`),
  ];
  for (const source of sources) {
    const { outputText } = transpileModule(readFileSync(path.join(root, source), 'utf8'), {
      compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true },
    });
    const file = path.join(workFolder, source.replace(/\.ts$/, '.js'));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, outputText);
  }
}

interface Figures {
  readonly target: Target;
  readonly executions: number;
  /** Statements, branches and functions reached. */
  readonly coverage: number;
  /** Inputs that reached new code, and the seeds. */
  readonly corpus: number;
  /** Files with the inputs that broke it. */
  readonly crashes: readonly string[];
}

async function fuzzTarget(program: string, target: Target, seconds: number): Promise<Figures> {
  const folder = path.join(workFolder, 'runs', target);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(corpusFolder(target), path.join(folder, 'corpus'), { recursive: true });
  const fuzzer = spawn(
    process.execPath,
    [
      ...[program, `../../test/fuzz/targets/${target}.js`, 'corpus'],
      ...[
        `--timeout=${TIMEOUT_SECONDS}`,
        `--rss-limit-mb=${MEMORY_MB}`,
        `--versifier=${String(JSON_TARGETS.has(target))}`,
      ],
    ],
    // A group of its own, to be ended with its worker.
    { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let executions = 0;
  let coverage = 0;
  let corpus = 0;
  const last: string[] = [];
  for (const stream of [fuzzer.stdout, fuzzer.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      const figures = /^#(\d+) (?:NEW|PULSE)\s+cov: (\d+) corp: (\d+)/.exec(line);
      if (figures) {
        [executions, coverage, corpus] = figures.slice(1).map(Number);
      } else {
        last.push(line.slice(0, 500));
      }
    });
  }
  const isOver = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => {
      process.kill(-fuzzer.pid!, 'SIGKILL');
      resolve(true);
    }, seconds * 1000);
    fuzzer.once('close', () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
  const crashes = readdirSync(folder).filter((name) => name.startsWith('crash-'));
  if (!isOver) {
    say(`${target} ended before its time:\n${last.slice(-30).join('\n')}`);
  }
  return {
    target,
    executions,
    coverage,
    corpus,
    crashes:
      isOver || crashes.length > 0 ? crashes.map((name) => path.join(folder, name)) : ['(the worker ended)'],
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true },
      seconds: { type: 'string', default: '180' },
      images: { type: 'string', default: '6000' },
    },
  });
  const chosen = TARGETS.filter((target) => values.target?.includes(target) ?? true);
  let broken = false;
  if (Number(values.seconds) > 0) {
    const program = installJsfuzz();
    prepareTargets();
    for (const target of chosen) {
      const { executions, coverage, corpus, crashes } = await fuzzTarget(
        program,
        target,
        Number(values.seconds),
      );
      say(
        `${target}: ${executions} executions, coverage ${coverage}, corpus ${corpus}, crashes ${crashes.length}`,
      );
      for (const crash of crashes) {
        say(`  ${crash}`);
        broken = true;
      }
    }
  }
  if (!values.target && Number(values.images) > 0) {
    const { sent, counts, slowestMs, problems } = await sendMalformedImages(Number(values.images));
    say(`${sent} malformed images: ${JSON.stringify(counts)}, the slowest in ${slowestMs.toFixed(0)} ms`);
    for (const problem of problems) {
      say(`  ${problem}`);
      broken = true;
    }
  }
  process.exitCode = broken ? 1 : 0;
}

void main();
