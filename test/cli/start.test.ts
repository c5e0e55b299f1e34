import { execFileSync } from 'node:child_process';
import path from 'node:path';

const dist = path.resolve(__dirname, '../../dist');

/** Files of the library that a command has loaded when it ends. */
function loadedBy(...args: string[]): string[] {
  const listLoaded = `process.on('exit', () => {
    const loaded = Object.keys(require.cache).filter((file) => file.startsWith(${JSON.stringify(dist)}));
    process.stdout.write('\\n' + JSON.stringify(loaded));
  });
  process.argv.splice(1, 0, ${JSON.stringify(path.join(dist, 'lib/cli/main.js'))});
  require(process.argv[1]);`;
  const text = execFileSync(process.execPath, ['-e', listLoaded, '--', ...args], { encoding: 'utf8' });
  const files = JSON.parse(text.slice(text.lastIndexOf('\n') + 1)) as string[];
  return files.map((file) => path.relative(dist, file)).sort();
}

it.each([
  ['score', 'calls'],
  ['smoke-test', 'calls'],
  ['serve', 'server'],
])('%s starts fast: it loads all it needs of the library from one file', (command, bundle) => {
  expect(loadedBy(command, '--help')).toEqual([`lib/cli/${bundle}.js`, 'lib/cli/main.js'].sort());
});

it('the other commands load only their own files', () => {
  const loaded = loadedBy('doctor', '--help');
  expect(loaded).toContain('lib/cli/doctor.js');
  expect(loaded).not.toContain('lib/cli/calls.js');
  expect(loaded).not.toContain('lib/cli/server.js');
  expect(loaded).not.toContain('lib/cli/serve.js');
});
