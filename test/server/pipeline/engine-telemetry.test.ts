import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { sampleServiceDefinition } from '../../support/sample-service-definition';

const root = path.resolve(__dirname, '../../..');

it('leaves no device id and no database of an engine in the home directory', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'home-'));
  try {
    const zip = path.join(home, 'definition.zip');
    writeFileSync(zip, sampleServiceDefinition()._toZip());
    const program = `
      const { readServiceDefinition } = require('${root}/dist/lib/service-definition');
      const { Pipeline } = require('${root}/dist/lib/server/pipeline');
      readServiceDefinition('${zip}')
        .then((content) => Pipeline.load(content))
        .then((pipeline) => pipeline.close())
        .then(() => console.log('loaded'));
    `;

    const output = execFileSync(process.execPath, ['-e', program], {
      env: { PATH: process.env.PATH, HOME: home },
      encoding: 'utf8',
    });

    expect(output).toBe('loaded\n');
    expect(readdirSync(home)).toEqual(['definition.zip']);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
