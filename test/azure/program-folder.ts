import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Edit, Program } from './scenario';

const repository = path.resolve(__dirname, '../..');
const tsx = require.resolve('tsx/cli');

/** A copy of a scenario's program, with the changes that a user makes to it. */
export class ProgramFolder {
  /** @param parent a folder below the repository, so that the program finds the package */
  static async copy(program: Program, parent: string): Promise<ProgramFolder> {
    const folder = path.join(parent, path.basename(program.folder));
    await rm(parent, { recursive: true, force: true });
    await mkdir(parent, { recursive: true });
    await cp(path.join(repository, program.folder), folder, {
      recursive: true,
      filter: (file) =>
        !/cdktf\.out|\.terraform|\.tfstate|\.cdktf-brainwave/.test(path.relative(repository, file)),
    });
    // Examples use the models of the quickstart beside them.
    await symlink(path.join(repository, 'examples/quickstart'), path.join(parent, 'quickstart'));
    return new ProgramFolder(folder, program.file ?? 'main.ts');
  }

  private constructor(
    private readonly folder: string,
    private readonly file: string,
  ) {}

  stackFolder(stack: string): string {
    return path.join(this.folder, 'cdktf.out/stacks', stack);
  }

  async edit({ file, text, replacement }: Edit): Promise<void> {
    const target = path.join(this.folder, file);
    const parts = (await readFile(target, 'utf8')).split(text);
    if (parts.length !== 2) {
      throw new Error(`${file} has ${parts.length - 1} places with "${text}"; expected one, to edit it`);
    }
    await writeFile(target, parts.join(replacement));
  }

  /** Runs the program. */
  async synthesize(env: NodeJS.ProcessEnv): Promise<void> {
    const child = spawn(process.execPath, [tsx, this.file], { cwd: this.folder, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    if (exitCode !== 0) {
      throw new Error(`${this.file} ended with ${String(exitCode)}:\n${output.trim()}`);
    }
  }
}
