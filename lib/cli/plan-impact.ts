import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

import { type Command, Option } from 'commander';

import { exitCodeOf } from '../errors/exit-code';
import { formatImpact, impactAsMarkdown } from '../plan-impact/format-impact';
import { parsePlan } from '../plan-impact/plan';
import { planImpact } from '../plan-impact/plan-impact';
import { colorEnabled, painter } from '../report/paint';
import { reportFailure } from './report-failure';
import { unreadable } from './service-flags';

const FORMATS = ['text', 'markdown', 'json'] as const;

interface Flags {
  readonly format: (typeof FORMATS)[number];
}

/** `cdktf-brainwave plan-impact`: says what a plan of Terraform does to the callers of its services. */
export function registerPlanImpactCommand(program: Command): void {
  program
    .command('plan-impact')
    .description(
      'say what a Terraform plan does to callers: lost calls, changed addresses and keys, and what is destroyed',
    )
    .argument('<plan>', 'file with the output of terraform show -json, or - for standard input')
    .addOption(new Option('--format <format>', 'format of the output').choices(FORMATS).default('text'))
    .action(async (file: string, { format }: Flags) => {
      try {
        process.stdout.write(await describe(file, format));
      } catch (error) {
        reportFailure(error);
        process.exitCode = exitCodeOf(error);
      }
    });
}

async function describe(file: string, format: Flags['format']): Promise<string> {
  const source = file === '-' ? 'standard input' : file;
  const impact = planImpact(parsePlan(await read(file), source));
  switch (format) {
    case 'json':
      return `${JSON.stringify(impact, undefined, 2)}\n`;
    case 'markdown':
      return impactAsMarkdown(impact);
    case 'text':
      return formatImpact(impact, painter(colorEnabled(process.stdout)));
  }
}

async function read(file: string): Promise<string> {
  if (file === '-') {
    return text(process.stdin);
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable('plan', file, error);
  }
}
