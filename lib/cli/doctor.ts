import { Option, type Command } from 'commander';

import type { Finding } from '../doctor/check';
import { exitCodes } from '../errors/exit-code';
import { colorEnabled, type Paint, painter, type TextStyle } from '../report/paint';
import { PORT_NUMBER, wholeNumber } from '../validation/number-range';
import { numberOption } from './number-option';

interface Flags {
  readonly port?: number | undefined;
  readonly location?: string | undefined;
  readonly vmFamily: string;
  readonly cores: number;
  readonly timeHost: string;
  readonly json?: true | undefined;
}

const MARKS: Readonly<Record<Finding['outcome'], [TextStyle, string]>> = {
  passed: ['green', '✓'],
  note: ['yellow', '–'],
  failed: ['red', '✗'],
};
const NAME_WIDTH = 11;

/** `cdktf-brainwave doctor`: checks the prerequisites of a deployment on this machine. */
export function registerDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'check the prerequisites of deployments: Node.js, Terraform, packages, port, clock, Kubernetes, Azure',
    )
    .addOption(
      new Option(
        '-p, --port <number>',
        'port for a local service (default: those of the synthesized stacks, or 50051)',
      )
        .env('PORT')
        .argParser(numberOption(PORT_NUMBER)),
    )
    .option('-l, --location <region>', 'Azure region to deploy to; requires a login and checks the quota')
    .option(
      '--vm-family <name>',
      'VM family in the spelling of az vm list-usage',
      'Standard NCASv3_T4 Family',
    )
    .option('--cores <number>', 'vCPUs of the family that must be available', numberOption(wholeNumber(1)), 4)
    .option(
      '--time-host <host[:port]>',
      'HTTPS server to compare the clock with',
      'login.microsoftonline.com',
    )
    .option('--json', 'print a JSON object')
    .action(async ({ json, ...flags }: Flags) => {
      const { runDoctor } = require('../doctor/run-doctor') as typeof import('../doctor/run-doctor');
      const findings = await runDoctor({ ...flags, projectFolder: process.cwd(), env: process.env });
      const passed = findings.every(({ outcome }) => outcome !== 'failed');
      process.stdout.write(
        json
          ? `${JSON.stringify({ passed, findings }, undefined, 2)}\n`
          : describe(findings, painter(colorEnabled(process.stdout))),
      );
      process.exitCode = passed ? exitCodes.passed : exitCodes.failed;
    });
}

function describe(findings: readonly Finding[], paint: Paint): string {
  const failed = findings.filter(({ outcome }) => outcome === 'failed').length;
  const verdict = failed === 0 ? 'all required checks passed' : `${failed} of ${findings.length} failed`;
  return `${findings.map((finding) => lines(finding, paint)).join('')}${verdict}\n`;
}

function lines({ check, outcome, finding, remedy }: Finding, paint: Paint): string {
  const [style, sign] = MARKS[outcome];
  const indent = ' '.repeat(NAME_WIDTH + 2);
  const advice = remedy === undefined ? '' : `${indent}→ ${remedy.replaceAll('\n', `\n${indent}  `)}\n`;
  return `${paint(style, sign)} ${check.padEnd(NAME_WIDTH)}${finding.replaceAll('\n', `\n${indent}`)}\n${advice}`;
}
