import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(__dirname, '../..');

const index = path.join(root, 'dist/constructs/index.js');

/** Paths of the modules that are loaded after a script has run. */
function modulesAfter(script: string): string[] {
  const listing = 'console.log(JSON.stringify(Object.keys(require.cache)));';
  const output = execFileSync(process.execPath, ['-e', `${script};${listing}`], { encoding: 'utf8' });
  return (JSON.parse(output) as string[]).map((file) => file.replaceAll('\\', '/'));
}

describe('with all constructs', () => {
  const packages = modulesAfter(`Object.values(require(${JSON.stringify(index)}))`).map(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1],
  );

  it.each([
    'zod',
    'yaml',
    'fflate',
    '@grpc/grpc-js',
    '@cdktf/provider-azurerm',
    '@cdktf/provider-kubernetes',
    '@cdktf/provider-random',
  ])('a stack does not wait for %s, which few stacks need', (name) => {
    expect(packages).toContain('cdktf');
    expect(packages).not.toContain(name);
  });
});

it('a stack waits only for the constructs that it declares', () => {
  const modules = modulesAfter(`require(${JSON.stringify(index)}).LocalCompute`).join('\n');
  expect(modules).toContain('dist/constructs/local/local-compute.js');
  expect(modules).not.toMatch(/dist\/constructs\/(aks|container-apps|fpga|kubernetes|monitoring|network)\//);
});

it('an ES module can import constructs by name', () => {
  const script = `import { LocalCompute } from ${JSON.stringify(pathToFileURL(index))}; console.log(LocalCompute.name);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(output).toBe('LocalCompute\n');
});
