import { Option, type Command } from 'commander';

import { exitCodes } from '../errors/exit-code';
import { messageOf } from '../errors/brainwave-error';
import type { SmokeTestReport } from '../smoke-test/smoke-test-report';
import { colorEnabled } from '../report/paint';
import { interruption } from '../process/interruption';
import type { RequestedReports } from './report-flag';
import type { SmokeTestFlags as Flags } from './smoke-test-flags';

/** `cdktf-brainwave smoke-test`: what the `SmokeTest` construct runs, by hand or in a pipeline. */
export function registerSmokeTestCommand(program: Command): void {
  program
    .command('smoke-test')
    .description('test a deployed service: DNS, TLS, keys, and the answers to images or requests')
    .argument('[samples...]', 'images or folders of images; with --scoring-uri, files with the JSON to post')
    .optionsGroup('Target:')
    .option('-a, --address <host:port>', 'web service to test over gRPC; https://host is tested over REST')
    .addOption(
      new Option('-u, --scoring-uri <uri>', 'online endpoint to test over HTTP: https://…/score').conflicts(
        'address',
      ),
    )
    .addOption(
      new Option('-s, --service <name>', 'local service to test (optional if there is only one)').conflicts([
        'address',
        'scoringUri',
      ]),
    )
    .addOption(
      new Option(
        '--outputs <file>',
        'outputs of the stack: from "cdktf output" or "terraform output -json" (- for standard input)',
      ).conflicts(['address', 'scoringUri', 'service']),
    )
    .option('--output <name>', 'output that contains the target, if there are several')
    .option('-f, --file <file>', 'the test as JSON, with or without its target; flags take precedence')
    .option(
      '--deployment <name>',
      'deployment of an online endpoint to call, whatever share of the requests it gets',
    )
    .option('--model-name <name>', 'model to call')
    .option('--model-version <version>', 'registered version of the model that must be served')
    .option('--output-name <name>', 'output to check, for models with several')
    .optionsGroup('Connection:')
    .option('--connect-to <address>', 'IP address to connect to instead of the one in DNS')
    .option('--expected-address <address>', 'IP address that the DNS record must contain')
    .option('--resolvers <address>', 'name server that must know the DNS record, too (repeatable)', collect)
    .option('--server-name <name>', 'host name to check the certificate against (default: the host)')
    .option('--plaintext', 'call without TLS')
    .option('--root-certificate-file <file>', 'PEM file with the certificates to trust')
    .option(
      '--certificate-file <file>',
      'PEM file with the deployed certificate, which must be the served one',
    )
    .option('--client-certificate-file <file>', 'PEM file with the client certificate, for mutual TLS')
    .option('--client-key-file <file>', 'PEM file with the key of the client certificate')
    .option('--key-file <file>', 'file with the key, or {"primaryKey","secondaryKey"} (- for standard input)')
    .addOption(new Option('--key-env <name>', 'environment variable with the key').conflicts('keyFile'))
    .option('--ready-timeout-seconds <number>', 'time to wait until the service is ready (default: 60)')
    .option('--call-timeout-seconds <number>', 'time limit for one call (default: 30; over HTTP 120)')
    .optionsGroup('Expectations:')
    .option('--labels-file <file>', 'file with the names of the classes, one per line, class 0 first')
    .option('--expect-label <label>', 'name of the class that must be predicted')
    .option('--expect-class-index <index>', 'index of the class that must be predicted')
    .option('--expect-top <rank>', 'lowest rank accepted for the class (default: 1)')
    .option('--expect-minimum-probability <number>', 'lowest probability accepted for the class, 0 to 1')
    .option('--expect-shape <sizes>', 'shape of the output for one image, such as 37,37,4,21')
    .option('--expect-minimum-value <number>', 'lowest number that the output may contain')
    .option('--expect-maximum-value <number>', 'greatest number that the output may contain')
    .option('--expect-json-path <path>', 'JSONPath (RFC 9535) of the value to check in a JSON answer')
    .option('--expect-equal-to <json>', 'JSON value that the value at the path must equal')
    .option('--expect-argmax <index>', 'index of the largest number in the array at the path')
    .option('--baseline-file <file>', 'recorded answers to compare with')
    .option(
      '--baseline-tolerance <number>',
      'largest accepted difference from a recorded number (default: 0.02)',
    )
    .option('--update-baseline', 'record the answers instead of comparing them')
    .option('--minimum-days-to-expiry <days>', 'minimum number of days until the certificate expires')
    .optionsGroup('Load and latency:')
    .option('--warm-calls-count <calls>', 'number of calls after the first one (default: 5)')
    .addOption(
      new Option(
        '--warm-calls-duration-seconds <number>',
        'duration of the calls, instead of their number',
      ).conflicts('warmCallsCount'),
    )
    .option('--warm-calls-concurrency <calls>', 'calls in flight at once (default: 1)')
    .option('--warm-calls-warm-up <calls>', 'number of unmeasured calls before them (default: 0)')
    .option('--latency-budget-p50-ms <ms>', 'highest median latency')
    .option('--latency-budget-p95-ms <ms>', 'highest 95th percentile of the latency')
    .option('--latency-budget-p99-ms <ms>', 'highest 99th percentile of the latency')
    .option('--latency-budget-minimum-requests-per-second <number>', 'lowest throughput')
    .optionsGroup('Output:')
    .option(
      '--report <format=file>',
      'write a report: json, junit, html or prometheus (by default the format of the extension); or github, for ' +
        'annotations and a step summary in GitHub Actions (repeatable)',
      collect,
    )
    .option('--dry-run', 'show what would be tested, and exit')
    .addOption(
      new Option('--in-stack', 'name options as a stack does; for the Jobs of SmokeTestRunner').hideHelp(),
    )
    .action(async (samples: string[], flags: Flags) => {
      process.exitCode = await smokeTest(samples, flags);
    });
}

async function smokeTest(samples: readonly string[], flags: Flags): Promise<number> {
  const { smokeTestOptions } = require('./smoke-test-flags') as typeof import('./smoke-test-flags');
  const { requestedReports } = require('./report-flag') as typeof import('./report-flag');
  const options = await smokeTestOptions(samples, flags);
  const requested = requestedReports(flags.report);
  if (flags.dryRun) {
    const { describePlan } = require('../smoke-test/plan') as typeof import('../smoke-test/plan');
    process.stdout.write(describePlan(options, flags.report));
    return exitCodes.passed;
  }
  const { runSmokeTest } =
    require('../smoke-test/run-smoke-test') as typeof import('../smoke-test/run-smoke-test');
  const { consoleReport } =
    require('../smoke-test/reports/console-report') as typeof import('../smoke-test/reports/console-report');
  const shown = consoleReport(process.stdout, colorEnabled(process.stdout));
  const report = await runSmokeTest({ ...options, signal: interruption(), onEvent: shown.onEvent });
  shown.finish(report);
  try {
    await write(report, requested);
  } catch (error) {
    // The exit code of a failed test must not be lost.
    process.stderr.write(`error: ${messageOf(error)}\n`);
    return report.passed ? exitCodes.failed : report.exitCode;
  }
  return report.exitCode;
}

async function write(report: SmokeTestReport, { files, github }: RequestedReports): Promise<void> {
  if (files.length > 0) {
    const { writeReports } =
      require('../smoke-test/reports/write-reports') as typeof import('../smoke-test/reports/write-reports');
    await writeReports(report, files);
  }
  if (github) {
    const { writeGithubReport } =
      require('../smoke-test/reports/github') as typeof import('../smoke-test/reports/github');
    await writeGithubReport(report, { write: (text) => process.stdout.write(text) });
  }
}

function collect(value: string, former: string[] = []): string[] {
  return [...former, value];
}
