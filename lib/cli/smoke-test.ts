import { readFile } from 'node:fs/promises';

import { Option, type Command } from 'commander';

import type { SmokeTestTarget } from '../smoke-test/smoke-test-options';
import { colorEnabled } from './color';
import { exitCodes, exitCodeOfCode } from './exit-code';
import { resolveLocalService } from './local';
import { nonNegativeNumber } from './non-negative-number';
import { UsageError } from './usage-error';

interface Options {
  readonly address?: string;
  readonly service?: string;
  readonly hostname?: string;
  readonly rootCertificate?: string;
  readonly keyFile?: string;
  readonly plaintext?: true;
  readonly labels?: string;
  readonly model?: string;
  readonly expectLabel?: string;
  readonly minimumProbability?: string;
  readonly readyTimeout: string;
  readonly report?: string;
}

/** `cdktf-brainwave smoke-test`: what the `SmokeTest` construct runs, by hand. */
export function registerSmokeTestCommand(program: Command): void {
  program
    .command('smoke-test')
    .description('test a deployed service: readiness, keys, an image and its expected class')
    .argument('<image>', 'the image to score')
    .option('-a, --address <host:port>', 'the service to test')
    .addOption(new Option('-s, --service <name>', 'the local service to test').conflicts('address'))
    .option('--hostname <name>', "the name on the service's certificate, where the address is another")
    .option('--root-certificate <file>', 'PEM: the certificates to trust')
    .option('--key-file <file>', 'holds the key, or {"primaryKey","secondaryKey"}')
    .option('--plaintext', 'call without TLS')
    .option('--labels <file>', "the classes' names, one a line, class 0 first")
    .option('--model <name>', 'the model to ask for')
    .option('--expect-label <label>', 'the name that the first class must have')
    .option('--minimum-probability <number>', 'what its probability must reach, 0 to 1')
    .option('--ready-timeout <seconds>', 'how long to wait until the service is ready', '300')
    .option('--report <file>', 'write a JSON report')
    .action(async (image: string, options: Options) => {
      const { runSmokeTest, TextReport, writeJsonReport } = await import('../smoke-test/index.js');
      const { target, labelsFile } = await findTarget(options);
      const text = new TextReport({
        write: (line) => process.stdout.write(line),
        width: Math.min(process.stdout.columns || 80, 100),
        color: colorEnabled(process.stdout),
      });
      const interrupted = new AbortController();
      process.once('SIGINT', () => {
        interrupted.abort();
      });
      const report = await runSmokeTest({
        target,
        image,
        ...(options.model !== undefined && { model: options.model }),
        ...(labelsFile !== undefined && { labels: await readLabels(labelsFile) }),
        expect: {
          ...(options.expectLabel !== undefined && { label: options.expectLabel }),
          ...(options.minimumProbability !== undefined && {
            minimumProbability: nonNegativeNumber('--minimum-probability', options.minimumProbability),
          }),
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

async function findTarget(options: Options): Promise<{ target: SmokeTestTarget; labelsFile?: string }> {
  const { address, service, hostname, rootCertificate, keyFile, plaintext, labels } = options;
  if (address !== undefined) {
    const { parseAddress } = await import('../client/address.js');
    const { host, port } = parseAddress(address, plaintext ? 80 : 443);
    const target = {
      address: host,
      port,
      tls: !plaintext,
      ...(hostname !== undefined && { hostname }),
      ...(keyFile !== undefined && { keyFile }),
      ...(rootCertificate !== undefined && { rootCertificateFile: rootCertificate }),
    };
    return { target, ...(labels !== undefined && { labelsFile: labels }) };
  }
  const local = await resolveLocalService(service);
  const target = {
    address: local.address,
    port: local.port,
    tls: local.tls,
    ...(local.hostname !== null && { hostname: local.hostname }),
    ...(local.keyFile !== null && { keyFile: local.keyFile }),
    ...(local.rootCertificateFile !== null && { rootCertificateFile: local.rootCertificateFile }),
  };
  const labelsFile = labels ?? local.labelsFile;
  return { target, ...(labelsFile !== null && { labelsFile }) };
}

async function readLabels(file: string): Promise<string[]> {
  const { parseLabels } = await import('../service-definition/service-definition.js');
  try {
    return parseLabels(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`cannot read the labels ${file} (${String((error as NodeJS.ErrnoException).code)})`);
  }
}
