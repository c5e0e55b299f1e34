import type { Command } from 'commander';

import type { Finding } from '../doctor/check';
import { exitCodes } from '../errors/exit-code';
import { colorEnabled, type Paint, painter, type TextStyle } from '../report/paint';
import { PORT_NUMBER, wholeNumber } from '../validation/number-range';
import { numberOption } from './number-option';

interface Flags {
  readonly port: number;
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

/** `cdktf-brainwave doctor`: what a deployment will need of this machine, before it needs it. */
export function registerDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('look at what deployments need here: Node.js, Terraform, packages, port, clock, Azure')
    .option('-p, --port <number>', 'the port of a local service', numberOption(PORT_NUMBER), 50_051)
    .option(
      '-l, --location <region>',
      'the region on Azure; a login is expected then, and quota is looked at',
    )
    .option('--vm-family <name>', 'as az vm list-usage names it', 'Standard NCASv3_T4 Family')
    .option('--cores <number>', 'vCPUs of it that are to be free', numberOption(wholeNumber(1)), 4)
    .option(
      '--time-host <host[:port]>',
      'whose clock to compare with, over HTTPS',
      'login.microsoftonline.com',
    )
    .option('--json', 'an object for programs')
    .action(async ({ json, ...flags }: Flags) => {
      const { runDoctor } = await import('../doctor/run-doctor.js');
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
  const verdict = failed === 0 ? 'nothing stands in the way' : `${failed} of ${findings.length} failed`;
  return `${findings.map((finding) => lines(finding, paint)).join('')}${verdict}\n`;
}

function lines({ check, outcome, finding, remedy }: Finding, paint: Paint): string {
  const [style, sign] = MARKS[outcome];
  const indent = ' '.repeat(NAME_WIDTH + 2);
  const advice = remedy === undefined ? '' : `${indent}→ ${remedy.replaceAll('\n', `\n${indent}  `)}\n`;
  return `${paint(style, sign)} ${check.padEnd(NAME_WIDTH)}${finding.replaceAll('\n', `\n${indent}`)}\n${advice}`;
}
