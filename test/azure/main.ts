import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { Listr, PRESET_TIMER } from 'listr2';

import { findTerraform } from '../../lib/terraform/find-terraform';
import { findPrograms } from '../kubernetes/cluster/find-programs';
import { API_SERVER_PROGRAMS } from '../kubernetes/cluster/programs';
import { installProviders, ProvidersUnavailableError } from './provider-mirror';
import { resultsTable } from './results-table';
import { runScenario, type RunContext, type ScenarioResult } from './run-scenario';
import type { Scenario } from './scenario';
import { exampleScenarios } from './scenarios/examples';
import { variantScenarios } from './scenarios/variants';

/*
 * `npm run test:azure`: deploys every stack for Azure with the real providers to a simulated Azure. README.md says how.
 *
 *     npm run test:azure -- aks fpga --if-available --jobs 1
 */

const folder = path.resolve(__dirname, '../../build/azure');

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'if-available': { type: 'boolean', default: false },
      // Stacks mostly wait for intervals of azurerm.
      jobs: { type: 'string', default: '4' },
    },
  });
  const scenarios = selected([...(await exampleScenarios()), ...(await variantScenarios())], positionals);
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    interruption.abort();
  });
  const terraform = await findTerraform();
  if (!terraform) {
    notRun(scenarios, 'there is no Terraform or OpenTofu on PATH', values['if-available']);
    return;
  }
  await mkdir(folder, { recursive: true });
  const providers = await installProviders(terraform, folder, interruption.signal).catch((error: unknown) => {
    if (error instanceof ProvidersUnavailableError) {
      notRun(
        scenarios,
        `terraform init could not install the providers: ${error.message}`,
        values['if-available'],
      );
      return undefined;
    }
    throw error;
  });
  if (!providers) {
    return;
  }
  const kubernetes = await findPrograms(API_SERVER_PROGRAMS, process.env);
  const versions = Object.entries(providers.versions).map(([name, version]) => `${name} ${version}`);
  say(`${terraform.product} ${terraform.version}, ${versions.join(', ')}`);
  say(
    kubernetes
      ? `clusters are API servers (${kubernetes['kube-apiserver']})`
      : 'Kubernetes resources are left out: etcd and kube-apiserver are neither in KUBEBUILDER_ASSETS nor on PATH, nor built',
  );
  const context: RunContext = {
    terraform,
    providers,
    folder,
    signal: interruption.signal,
    ...(kubernetes && { kubernetes }),
  };
  const results = await runAll(scenarios, context, Number(values.jobs));
  await report(results);
}

function selected(scenarios: readonly Scenario[], names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter((name) => !scenarios.some((each) => each.name === name));
  if (unknown.length > 0) {
    const known = scenarios.map(({ name }) => name).join(', ');
    throw new Error(`unknown stack ${unknown.join(', ')}; use one or more of ${known}`);
  }
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name));
}

/** Live on a terminal, plain lines elsewhere. */
async function runAll(
  scenarios: readonly Scenario[],
  context: RunContext,
  jobs: number,
): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  const tasks = scenarios.map((scenario) => ({
    title: scenario.name,
    task: async (_context: unknown, task: { output: string; title: string }) => {
      // A scenario that is interrupted ends; those after it do not begin.
      context.signal.throwIfAborted();
      const result = await runScenario(scenario, context, (line) => {
        task.output = line;
      });
      results.push(result);
      if (result.failure) {
        throw new Error(`${result.failure.step} failed: ${result.failure.message}`);
      }
    },
  }));
  await new Listr(tasks, {
    concurrent: jobs,
    exitOnError: false,
    renderer: 'default',
    fallbackRenderer: 'simple',
    rendererOptions: { timer: PRESET_TIMER },
    fallbackRendererOptions: { timer: PRESET_TIMER },
    registerSignalListeners: false,
  }).run();
  return scenarios
    .map(({ name }) => results.find((result) => result.name === name))
    .filter((each) => each !== undefined);
}

async function report(results: readonly ScenarioResult[]): Promise<void> {
  for (const { name, failure } of results) {
    if (failure) {
      say(`\n${name}, ${failure.step}: ${failure.message}`);
    }
  }
  say(`\n${resultsTable(results)}`);
  const passed = results.flatMap((result) => [...result.passed, ...result.changes]).length;
  const failed = results.filter(({ failure }) => failure).length;
  say(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
  const { TEST_RESULTS_FILE } = process.env;
  if (TEST_RESULTS_FILE !== undefined) {
    await writeFile(TEST_RESULTS_FILE, `${JSON.stringify({ passed, failed })}\n`);
  }
}

function notRun(scenarios: readonly Scenario[], reason: string, isExpected: boolean): void {
  say(`not run: ${scenarios.map(({ name }) => name).join(', ')}: ${reason}`);
  process.exitCode = isExpected ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
