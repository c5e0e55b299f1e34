import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { writeAssembly, type Assembly } from './assembly';
import { buildFolder, repository, toolchainFolder } from './folders';

/** What is used of jsii-docgen, which is installed with jsii and not in the repository. */
interface Docgen {
  readonly Documentation: {
    forAssembly(
      name: string,
      folder: string,
    ): Promise<{
      toMarkdown(options: { language: unknown; readme: boolean }): Promise<{ render(): string }>;
    }>;
  };
  readonly Language: { readonly TYPESCRIPT: unknown };
}

/**
 * Generates the API reference, `API.md`, with jsii-docgen from the assembly of the npm package and those that it refers to.
 * @param folder folder with the assembly, such as the unpacked npm package
 * @returns path of the page
 */
export async function writeApiReference(folder: string): Promise<string> {
  const assemblies = path.join(buildFolder, 'assemblies');
  rmSync(assemblies, { recursive: true, force: true });
  const assembly = JSON.parse(readFileSync(path.join(folder, '.jsii'), 'utf8')) as Assembly & {
    readonly dependencyClosure: Readonly<Record<string, unknown>>;
  };
  copyAssembly(folder, path.join(assemblies, assembly.name));
  for (const dependency of Object.keys(assembly.dependencyClosure)) {
    copyAssembly(path.join(repository, 'node_modules', dependency), path.join(assemblies, dependency));
  }
  const load = createRequire(path.join(toolchainFolder, 'package.json'));
  const { Documentation, Language } = load('jsii-docgen') as Docgen;
  const documentation = await Documentation.forAssembly(assembly.name, assemblies);
  const page = await documentation.toMarkdown({ language: Language.TYPESCRIPT, readme: false });
  const file = path.join(buildFolder, 'API.md');
  writeFileSync(file, page.render());
  return file;
}

function copyAssembly(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  // Large assemblies are compressed.
  for (const file of ['.jsii', '.jsii.gz'].filter((name) => existsSync(path.join(from, name)))) {
    copyFileSync(path.join(from, file), path.join(to, file));
  }
}

if (require.main === module) {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  writeAssembly(say)
    .then(() => writeApiReference(repository))
    .then((file) => {
      say(path.relative(process.cwd(), file));
    })
    .catch((error: unknown) => {
      process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    });
}
