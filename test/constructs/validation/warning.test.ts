import { addWarning } from '../../../constructs/validation/warning';
import { TestProject } from '../support/test-project';

describe('a warning of a construct', () => {
  let project: TestProject;
  let written: string[];

  beforeEach(() => {
    project = new TestProject();
    written = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
  });

  afterEach(() => {
    jest.restoreAllMocks();
    delete process.env.CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS;
    project.leave();
  });

  function synth(): void {
    const app = project.app();
    addWarning(project.stack('stack', app), 'anyone who can connect can call');
    app.synth();
  }

  it('is printed by a program that synthesizes', () => {
    synth();
    expect(written).toEqual(['Warning: [stack] anyone who can connect can call\n']);
  });

  it('is left to the command-line interface of CDKTF, which prints it from the manifest', () => {
    process.env.CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS = 'true';
    synth();
    expect(written).toEqual([]);
  });
});
