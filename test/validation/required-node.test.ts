import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { requireNode } from '../../lib/validation/required-node';

const root = path.resolve(__dirname, '../..');

it('Node.js below the version in package.json is refused, with what to install', () => {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  expect(engines.node).toBe('>=20.12');
  for (const version of ['18.20.8', '20.11.1']) {
    expect(() => {
      requireNode(version);
    }).toThrow(
      `Node.js is ${version}, expected 20.12 or later; install a newer version (https://nodejs.org), then reinstall the ` +
        'packages with npm ci',
    );
  }
  for (const version of ['20.12.0', '22.0.0', '24.1.0']) {
    requireNode(version);
  }
});

it('a stack learns of it when it imports the constructs', () => {
  const script =
    'Object.defineProperty(process.versions, "node", { value: "18.20.8" });' +
    `try { require(${JSON.stringify(path.join(root, 'dist/constructs/index.js'))}) } catch (e) { console.log(e.message) }`;
  expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toContain(
    'Node.js is 18.20.8',
  );
});
