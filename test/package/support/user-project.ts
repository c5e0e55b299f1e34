import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { runTool, tryTool, type ToolResult } from './run-tool';

const root = path.resolve(__dirname, '../../..');

/** How a project's own files are modules, by its `package.json`. */
export type ModuleType = 'commonjs' | 'module';

/** A project of a user's, outside of this repository: it finds no package but those that it installs. */
export class UserProject {
  readonly folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'cdktf-brainwave-user-')));

  constructor(packageJson: object) {
    this.write('package.json', json({ name: 'user', version: '1.0.0', private: true, ...packageJson }));
  }

  /** A file's absolute path. */
  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  write(file: string, content: string): void {
    mkdirSync(path.dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), content);
  }

  /** Makes a folder for code of one kind, with the sample model and images where snippets expect them. */
  addFolder(name: string, type: ModuleType): void {
    this.write(`${name}/package.json`, json({ type }));
    for (const sample of ['models', 'images']) {
      symlinkSync(path.join(root, 'examples/quickstart', sample), this.path(name, sample));
    }
  }

  /**
   * Compiles TypeScript files to JavaScript beside them.
   * @returns the compiler's messages, of which there are none where all is well
   */
  async compile(files: readonly string[], compilerOptions: object): Promise<string> {
    const options = { strict: true, target: 'ES2022', types: ['node'], ...compilerOptions };
    this.write('tsconfig.json', json({ compilerOptions: options, files }));
    const { stdout } = await this.node(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], '.');
    return stdout;
  }

  /** Runs Node.js in one of the project's folders. */
  node(args: readonly string[], folder: string): Promise<ToolResult> {
    return tryTool(process.execPath, args, { cwd: this.path(folder) });
  }

  /** Runs a tool that must succeed in the project's folder. */
  run(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<ToolResult> {
    return runTool(command, args, { cwd: this.folder, ...(env && { env }) });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
