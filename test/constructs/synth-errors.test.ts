import { spawnSync } from 'node:child_process';
import path from 'node:path';

const constructs = path.resolve(__dirname, '../../dist/constructs/index.js');

/** Runs a program that declares a stack, as `tsx main.ts` does. */
function run(lines: string): { readonly status: number | null; readonly stderr: string } {
  const program = `
    const { App, TerraformStack } = require('cdktf');
    const { ConstructError, Stage, SynthErrors } = require(${JSON.stringify(constructs)});
    SynthErrors.hideStackTraces();
    const app = new App({ outdir: require('node:os').tmpdir() + '/never-synthesized' });
    ${lines}`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    cwd: path.dirname(constructs),
  });
  return { status, stderr };
}

it.each([
  [
    'of this library',
    "Stage.onnx({ name: 'colors', path: 'none.onnx', inputTensor: 'x', outputTensor: 'y' })",
    /^error: .*none\.onnx, which does not exist; [^\n]*\n$/,
  ],
  [
    'of a validation of CDKTF',
    "new TerraformStack(app, 'scoring').node.addValidation({ validate: () => ['two services have one name'] }); app.synth()",
    /^error: Validation failed with the following errors:\n {2}\[scoring\] two services have one name\n(?!.* at )/s,
  ],
])('an error %s in a stack is printed as its message alone, with exit code 1', (_, lines, expected) => {
  const { status, stderr } = run(lines);

  expect(stderr).toMatch(expected);
  expect(status).toBe(1);
});

it('a bug of the program keeps its stack trace', () => {
  const { status, stderr } = run('undefined.service');

  expect(stderr).toMatch(/TypeError: .*\n\s+at /);
  expect(status).toBe(1);
});
