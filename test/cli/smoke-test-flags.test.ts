import { Command, Option } from 'commander';

import { FLAG_OPTIONS, flagOf } from '../../lib/cli/smoke-test-flags';
import { registerSmokeTestCommand } from '../../lib/cli/smoke-test';
import { parseOptions } from '../../lib/smoke-test/parse-options';

it.each([
  ['warmCalls.count', '--warm-calls-count'],
  ['latencyBudget.p95Ms', '--latency-budget-p95-ms'],
  ['expect.classIndex', '--expect-class-index'],
  ['target.rootCertificateFile', '--root-certificate-file'],
  ['readyTimeoutSeconds', '--ready-timeout-seconds'],
  ['updateBaseline', '--update-baseline'],
  ['labels', '--labels-file'],
  ['target.port', '--address'],
])('the option %s is the flag %s', (option, flag) => {
  expect(flagOf(option)).toBe(flag);
});

it('has a flag for each of the options', () => {
  const program = new Command();
  registerSmokeTestCommand(program);
  const flags = program.commands[0].options.map(({ long }: Option) => long);
  expect(flags).toEqual(expect.arrayContaining(FLAG_OPTIONS.map(flagOf)));
});

it('has no flag for options that do not exist in the library', () => {
  for (const option of FLAG_OPTIONS) {
    const [group, name] = option.split('.') as [string, string?];
    const value = name === undefined ? { [group]: null } : { [group]: { [name]: null } };
    const base = { target: { host: 'scoring.example', port: 443 }, samples: [{ path: 'cat.png' }] };
    const merged = {
      ...base,
      ...value,
      ...(group === 'target' && { target: { ...base.target, ...(value.target as object) } }),
    };
    const parse = () => parseOptions(merged);
    expect(parse).not.toThrow('unknown property');
  }
});
