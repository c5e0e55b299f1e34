import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { ScoringCode } from '../../../constructs';
import { SCRIPT } from '../support/online-endpoint';
import { refusal } from '../support/messages';
import { TestProject } from '../support/test-project';

describe('ScoringCode', () => {
  let project: TestProject;
  beforeEach(() => {
    project = new TestProject();
  });
  afterEach(() => {
    project.leave();
  });

  it('is score.py in its folder unless another script is named', () => {
    project.write('code/score.py', SCRIPT);
    project.write('code/scripts/other.py', SCRIPT);
    expect(new ScoringCode({ folder: 'code' })).toMatchObject({ folder: 'code', entryScript: 'score.py' });
    expect(new ScoringCode({ folder: 'code', entryScript: './scripts/other.py' }).entryScript).toBe(
      'scripts/other.py',
    );
  });

  it('has another hash when a file or its name is another, and the same wherever it lies', () => {
    project.write('code/score.py', SCRIPT);
    project.write('copy/score.py', SCRIPT);
    const { sha256 } = new ScoringCode({ folder: 'code' });
    expect(new ScoringCode({ folder: path.resolve('copy') }).sha256).toBe(sha256);
    project.write('code/helper.py', '');
    const withHelper = new ScoringCode({ folder: 'code' }).sha256;
    expect(withHelper).not.toBe(sha256);
    project.write('copy/help.py', '');
    expect(new ScoringCode({ folder: 'copy' }).sha256).not.toBe(withHelper);
  });

  it('omits artifacts of Python and Git', () => {
    project.write('code/score.py', SCRIPT);
    const { sha256 } = new ScoringCode({ folder: 'code' });
    project.write('code/__pycache__/score.cpython-311.pyc', 'x');
    project.write('code/.git/HEAD', 'x');
    expect(new ScoringCode({ folder: 'code' }).sha256).toBe(sha256);
  });

  it.each([
    'async def init():\n  pass\nasync def run (data):\n  pass\n',
    'init = load\nrun: Callable = predict\n',
    'from serving import (\n    init,\n    run,\n)\n',
    'from serving import *\n',
    'def init():\r\n    pass\r\ndef run(data):\r\n    pass\r\n',
  ])('finds init and run in %j', (script) => {
    project.write('code/score.py', script);
    expect(() => new ScoringCode({ folder: 'code' })).not.toThrow();
  });

  it.each([
    ['run', 'def init():\n    pass\n\nclass Model:\n    def run(self, data):\n        pass\n'],
    ['init', 'def run(data):\n    pass\n# def init():\n'],
    ['init and no run', 'print("hello")\n'],
  ])('rejects a script without %s', (missing, script) => {
    project.write('code/score.py', script);
    expect(refusal(() => new ScoringCode({ folder: 'code' }))).toBe(
      `the entry script code/score.py has no ${missing}; ` +
        'expected both def init(): and def run(data): at the top level, which the inference server calls',
    );
  });

  it('lists the existing scripts if the script is missing', () => {
    project.write('code/main.py', SCRIPT);
    expect(refusal(() => new ScoringCode({ folder: 'code' }))).toBe(
      'the folder code has no score.py; set entryScript to one of main.py',
    );
    mkdirSync('empty');
    expect(refusal(() => new ScoringCode({ folder: 'empty' }))).toBe(
      'the folder empty has no score.py; expected a Python script',
    );
    expect(refusal(() => new ScoringCode({ folder: 'none' }))).toBe(
      'folder is none, which does not exist; set a path relative to the working directory',
    );
  });

  it('rejects more files than Azure ML accepts', () => {
    project.write('code/score.py', SCRIPT);
    for (let index = 0; index < 2000; index++) {
      project.write(`code/data/${index}`, '');
    }
    expect(refusal(() => new ScoringCode({ folder: 'code' }))).toContain('the folder code has 2001 files of');
  });
});
