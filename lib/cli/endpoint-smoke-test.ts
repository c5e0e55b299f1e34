import type { Command } from 'commander';

import { colorEnabled } from './color';
import { exitCodeOfCode, exitCodes } from './exit-code';
import { nonNegativeNumber } from './non-negative-number';
import { UsageError } from './usage-error';

interface Options {
  readonly keyFile?: string;
  readonly rootCertificate?: string;
  readonly jsonPath?: string;
  readonly equals?: string;
  readonly argmax?: string;
  readonly readyTimeout: string;
  readonly report?: string;
}

/** `cdktf-brainwave endpoint-smoke-test`: what the `EndpointSmokeTest` construct runs, by hand. */
export function registerEndpointSmokeTestCommand(program: Command): void {
  program
    .command('endpoint-smoke-test')
    .description('test an online endpoint over HTTP: readiness, keys, a request and its expected answer')
    .argument('<scoring-uri>', 'https://…/score')
    .argument('<request>', 'the file with the JSON to post')
    .option('--key-file <file>', 'holds the key, or {"primaryKey","secondaryKey"}')
    .option('--root-certificate <file>', 'PEM: the certificates to trust')
    .option('--json-path <path>', 'the part of the answer to look at (RFC 9535)')
    .option('--equals <json>', 'what it must equal')
    .option('--argmax <number>', 'where the greatest of its numbers must stand, 0 being the first')
    .option('--ready-timeout <seconds>', 'how long to wait until the endpoint answers', '300')
    .option('--report <file>', 'write a JSON report')
    .action(async (scoringUri: string, request: string, options: Options) => {
      const { runEndpointSmokeTest, TextReport, writeJsonReport } = await import('../smoke-test/index.js');
      const { keyFile, rootCertificate, jsonPath, equals, argmax } = options;
      const text = new TextReport({
        write: (line) => process.stdout.write(line),
        width: Math.min(process.stdout.columns || 80, 100),
        color: colorEnabled(process.stdout),
      });
      const interrupted = new AbortController();
      process.once('SIGINT', () => {
        interrupted.abort();
      });
      const report = await runEndpointSmokeTest({
        target: {
          scoringUri,
          ...(keyFile !== undefined && { keyFile }),
          ...(rootCertificate !== undefined && { rootCertificateFile: rootCertificate }),
        },
        request,
        expect: {
          ...(jsonPath !== undefined && { jsonPath }),
          ...(equals !== undefined && { equals: parseJson(equals) }),
          ...(argmax !== undefined && { argmax: nonNegativeNumber('--argmax', argmax) }),
        },
        readyTimeoutMs: nonNegativeNumber('--ready-timeout', options.readyTimeout) * 1000,
        signal: interrupted.signal,
        onEvent: text.onEvent,
      });
      text.finish(report);
      if (options.report !== undefined) {
        await writeJsonReport(options.report, report);
      }
      process.exit(report.passed ? exitCodes.passed : exitCodeOfCode(report.code));
    });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--equals is "${text}", which is not JSON; a text needs its quotes: '"seven"'`);
  }
}
