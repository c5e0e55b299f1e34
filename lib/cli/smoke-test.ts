import { Option, type Command } from 'commander';

import { exitCodes } from '../errors/exit-code';
import { messageOf } from '../errors/message-of';
import { SmokeTestError } from '../smoke-test/smoke-test-error';
import type { SmokeTestOptions } from '../smoke-test/smoke-test-options';
import type { SmokeTestReport } from '../smoke-test/smoke-test-report';
import { colorEnabled } from '../report/paint';
import { interruption } from './interruption';
import type { RequestedReports } from './report-flag';
import { nameFlags } from './smoke-test-flag-names';
import type { SmokeTestFlags as Flags } from './smoke-test-flags';
import { UsageError } from './report-failure';

/** `cdktf-brainwave smoke-test`: what the `SmokeTest` construct runs, by hand or in a pipeline. */
export function registerSmokeTestCommand(program: Command): void {
  program
    .command('smoke-test')
    .description('test a deployed service: DNS, TLS, keys, images (or requests) and their expected answers')
    .argument('[samples...]', 'images, or folders of images; with --endpoint, files with the JSON to post')
    .optionsGroup('The service:')
    .option('-a, --address <host:port>', 'a service over gRPC')
    .addOption(
      new Option('-e, --endpoint <uri>', 'an online endpoint over HTTP: https://…/score').conflicts(
        'address',
      ),
    )
    .addOption(
      new Option('-s, --service <name>', 'a local service (the only one needs no name)').conflicts([
        'address',
        'endpoint',
      ]),
    )
    .addOption(
      new Option(
        '--outputs <file>',
        "a stack's outputs: of cdktf output, or terraform output -json (- for standard input)",
      ).conflicts(['address', 'endpoint', 'service']),
    )
    .option('--output <name>', "the target's output, where there are several")
    .option('-f, --file <file>', 'the test, or all but its target, as JSON; other flags have precedence')
    .option('--model <name>', 'the model to ask for')
    .option('--model-version <version>', 'the version of it that must be served, as the registry has it')
    .optionsGroup('The way to it:')
    .option('--resolve <host:port:address>', 'connect to this address, whatever DNS says (as curl does)')
    .option('--expect-address <address>', "what the host's record must hold")
    .option('--resolver <address>', 'a name server that must know it, too (repeatable)', collect)
    .option('--hostname <name>', "the name on the service's certificate, where the address is another")
    .option('--plaintext', 'call without TLS')
    .option('--root-certificate <file>', 'PEM: the certificates to trust')
    .option('--certificate <file>', 'PEM: the certificate that was deployed and must be served')
    .option('--client-certificate <file>', 'PEM: for a service that asks for one')
    .option('--client-key <file>', 'PEM: its private key')
    .option('--key-file <file>', 'holds the key, or {"primaryKey","secondaryKey"}; - is standard input')
    .addOption(new Option('--key-env <name>', 'the environment variable that holds it').conflicts('keyFile'))
    .option('--ready-timeout <seconds>', 'how long to wait until the service is ready (default: 60)')
    .option('--timeout <seconds>', 'how long one call may take (default: 30, over HTTP 120)')
    .optionsGroup('What is expected:')
    .option('--labels <file>', "the classes' names, one a line, class 0 first")
    .option('--expect-label <label>', 'the class that an image must have')
    .option('--expect-class <number>', 'the same by its number')
    .option('--top <number>', 'how far down it may stand (default: 1)')
    .option('--minimum-probability <number>', 'what its probability must reach, 0 to 1')
    .option('--json-path <path>', 'the part of a JSON answer to look at (RFC 9535)')
    .option('--equals <json>', 'what it must equal')
    .option('--argmax <number>', 'where the greatest of its numbers must stand, 0 being the first')
    .option('--baseline <file>', 'earlier answers to compare with')
    .option('--tolerance <number>', 'how far a number may be from them (default: 0.02)')
    .option('--update-baseline', 'record the answers of this test in place of comparing them')
    .option('--min-days <days>', 'how long the certificate must still be valid')
    .optionsGroup('Load and latency:')
    .option('--count <calls>', 'calls after the first one (default: 5)')
    .addOption(new Option('--duration <seconds>', 'or how long to go on calling').conflicts('count'))
    .option('--concurrency <calls>', 'calls at once (default: 1)')
    .option('--warm-up <calls>', 'calls before them that do not count (default: 0)')
    .option('--max-p50 <ms>', 'what half of the calls must not exceed')
    .option('--max-p95 <ms>', 'what 95 % of them must not exceed')
    .option('--max-p99 <ms>', 'what 99 % of them must not exceed')
    .option('--min-throughput <number>', 'requests a second that must be reached')
    .optionsGroup('Output:')
    .option(
      '--report <format=file>',
      'write a report: json, junit, html or prometheus, as the file ends where no format is given; or github, ' +
        'for annotations and a step summary of GitHub Actions (repeatable)',
      collect,
    )
    .option('--dry-run', 'show what would be tested, call nobody, and stop')
    .action(async (samples: string[], flags: Flags) => {
      process.exitCode = await smokeTest(samples, flags);
    });
}

async function smokeTest(samples: readonly string[], flags: Flags): Promise<number> {
  const { smokeTestOptions } = await import('./smoke-test-flags.js');
  const { requestedReports } = await import('./report-flag.js');
  const options = await smokeTestOptions(samples, flags);
  const requested = requestedReports(flags.report);
  await checkFlags(options);
  if (flags.dryRun) {
    const { describePlan } = await import('../smoke-test/plan.js');
    process.stdout.write(describePlan(options, flags.report));
    return exitCodes.passed;
  }
  const { runSmokeTest } = await import('../smoke-test/run-smoke-test.js');
  const { consoleReport } = await import('../smoke-test/reports/console-report.js');
  const shown = consoleReport(process.stdout, colorEnabled(process.stdout));
  const report = await runSmokeTest({ ...options, signal: interruption(), onEvent: shown.onEvent });
  shown.finish(report);
  try {
    await write(report, requested);
  } catch (error) {
    // Why the service failed is what a pipeline is to see.
    process.stderr.write(`error: ${messageOf(error)}\n`);
    return report.passed ? exitCodes.failed : report.exitCode;
  }
  return report.exitCode;
}

/** @throws UsageError, naming the flags */
async function checkFlags(options: SmokeTestOptions): Promise<void> {
  const { checkOptions } = await import('../smoke-test/check-options.js');
  try {
    checkOptions(options);
  } catch (error) {
    throw error instanceof SmokeTestError ? new UsageError(nameFlags(error.message)) : error;
  }
}

async function write(report: SmokeTestReport, { files, github }: RequestedReports): Promise<void> {
  if (files.length > 0) {
    const { writeReports } = await import('../smoke-test/reports/write-reports.js');
    await writeReports(report, files);
  }
  if (github) {
    const { writeGithubReport } = await import('../smoke-test/reports/github.js');
    await writeGithubReport(report, { write: (text) => process.stdout.write(text) });
  }
}

function collect(value: string, former: string[] = []): string[] {
  return [...former, value];
}
