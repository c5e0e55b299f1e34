import { execFileSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');

/** The packages that a module loads when it is required, before anything of it is used. */
function packagesOf(module: string): string[] {
  const script = `
    require(${JSON.stringify(path.join(root, module))});
    const packages = Object.keys(require.cache).map(
      (file) => /node_modules[/\\\\]((?:@[^/\\\\]+[/\\\\])?[^/\\\\]+)/.exec(file)?.[1],
    );
    console.log(JSON.stringify([...new Set(packages)]));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })) as string[];
}

const packages = packagesOf('dist/constructs/index.js');

it.each([
  'zod',
  'yaml',
  'fflate',
  '@grpc/grpc-js',
  '@cdktf/provider-azurerm',
  '@cdktf/provider-kubernetes',
  '@cdktf/provider-random',
])('a stack that imports the constructs does not wait for %s, which few stacks need', (name) => {
  expect(packages).toContain('cdktf');
  expect(packages).not.toContain(name);
});
