import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { stagedAsset } from '../../../constructs/terraform/project-files';
import { TestProject } from '../support/test-project';

describe('a file that is made at synth', () => {
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject();
  });

  afterEach(() => {
    project.leave();
  });

  /** Synthesizes a stack with the asset and returns what lies at its path in the stack's folder. */
  function synth(fileName: string, content: string): string {
    const app = project.app();
    const stack = project.stack('stack', app);
    const asset = stagedAsset(stack, 'Asset', fileName, Buffer.from(content));
    app.synth();
    return readFileSync(path.join(app.outdir, 'stacks/stack', asset.path), 'utf8');
  }

  it('lies next to the stack, under its name', () => {
    expect(synth('labels.txt', 'cat\n')).toBe('cat\n');
  });

  it.each(['with space.txt', 'quo"te\'s.txt', '${x} %{y}.txt', 'ünï.txt', '-dash.txt'])(
    'may be named %s',
    (name) => {
      expect(synth(name, name)).toBe(name);
    },
  );

  it('is made again where the cache holds something else', () => {
    synth('labels.txt', 'cat\n');
    const sha256 = createHash('sha256').update('cat\n').digest('hex');
    const cached = path.join(project.folder, 'node_modules/.cache/cdktf-brainwave', sha256, 'labels.txt');
    expect(readFileSync(cached, 'utf8')).toBe('cat\n');
    writeFileSync(cached, 'damaged');
    expect(synth('labels.txt', 'cat\n')).toBe('cat\n');
  });
});
