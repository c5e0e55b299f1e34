import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';
import { writeExecutable } from './fake-terraform';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');

/** Runs a command of a program that is named and called like the CDKTF CLI, on a machine without Terraform. */
async function synthesizeWith(command: string): Promise<string> {
  const { path: folder, remove } = await temporaryFolder();
  afterwards(remove);
  mkdirSync(path.join(folder, 'path'));
  const ps = execFileSync('which', ['ps'], { encoding: 'utf8' }).trim();
  symlinkSync(ps, path.join(folder, 'path/ps'));
  const version = JSON.stringify(path.join(root, 'dist/lib/terraform/terraform-version.js'));
  const program = `try { require(${version}).requireInstalledVersion(); console.log('accepted') } catch (e) { console.log(e.code + ' ' + e.message) }`;
  const cli = writeExecutable(
    path.join(folder, 'cdktf'),
    // A shell between them, as with \`npx tsc && npx tsx main.ts\`.
    `#!/bin/sh\n/bin/sh -c '"$NODE" -e "$PROGRAM"; exit 0'; exit 0\n`,
  );
  const { stdout } = await run(cli, [command], {
    env: {
      NODE: process.execPath,
      PROGRAM: program,
      PATH: path.join(folder, 'path'),
      CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS: 'true',
    },
  });
  return stdout;
}

describe('a program without Terraform on PATH', () => {
  it.each(['deploy', 'destroy', 'diff'])(
    'says so at synth under cdktf %s, which runs it',
    async (command) => {
      expect(await synthesizeWith(command)).toBe(
        `TERRAFORM_NOT_FOUND cdktf ${command} runs terraform, but no such command is on PATH; install Terraform 1.4 or later, or set ` +
          'TERRAFORM_BINARY_NAME to the path of Terraform or OpenTofu\n',
      );
    },
  );

  it('synthesizes under cdktf synth, which does not', async () => {
    expect(await synthesizeWith('synth')).toBe('accepted\n');
  });
});
