import type { TerraformStack } from 'cdktf';
import fc from 'fast-check';
import { parse } from 'yaml';

import {
  LocalWorkspace,
  ScoringEnvironment,
  Workspace,
  type ScoringEnvironmentProps,
} from '../../../constructs';
import { azapiBodyProblems, expectValidAzapiBodies } from '../../support/azapi-schemas';
import { azureStack } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { TerraformJson, difference, type Arguments } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const CONDA =
  'name: digits\nchannels: [conda-forge]\ndependencies:\n- python=3.11\n- pip:\n  - azureml-inference-server-http~=1.4\n';

describe('ScoringEnvironment', () => {
  let project: TestProject;
  beforeEach(() => {
    project = new TestProject();
  });
  afterEach(() => {
    project.leave();
  });

  function declare(props: Partial<ScoringEnvironmentProps> = {}): {
    stack: TerraformStack;
    workspace: Workspace;
    environment: ScoringEnvironment;
  } {
    const stack = azureStack(project);
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const environment = new ScoringEnvironment(stack, 'Environment', { workspace, ...props });
    return { stack, workspace, environment };
  }

  function versionOf(json: TerraformJson): Arguments {
    return (json.only('azapi_resource_action').body as { properties: Arguments }).properties;
  }

  it('is generated from packages, including the inference server, on a GPU image', () => {
    const { stack, environment } = declare({ pipPackages: ['onnxruntime-gpu==1.20.0', 'numpy<3'] });
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    expect(json.only('azapi_resource', 'workspaces/environments')).toMatchObject({
      type: 'Microsoft.MachineLearningServices/workspaces/environments@2025-06-01',
      name: 'stack-environment',
      parent_id: `\${${json.address('azapi_resource', 'MachineLearningServices/workspaces')}.id}`,
    });
    expect(json.only('azapi_resource_action')).toMatchObject({
      type: 'Microsoft.MachineLearningServices/workspaces/environments/versions@2025-06-01',
      resource_id: `\${${json.address('azapi_resource', 'workspaces/environments')}.id}/versions/${environment.environmentVersion}`,
      method: 'PUT',
    });
    const version = versionOf(json);
    expect(version).toMatchObject({
      image: 'mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04:latest',
      osType: 'Linux',
      isAnonymous: false,
    });
    expect(parse(version.condaFile as string)).toEqual({
      channels: ['conda-forge'],
      dependencies: [
        'python=3.11',
        'pip',
        { pip: ['onnxruntime-gpu==1.20.0', 'numpy<3', 'azureml-inference-server-http'] },
      ],
    });
  });

  it('uses a file unchanged, and applies every property', () => {
    const { stack } = declare({
      name: 'digits',
      version: '1.0',
      image: 'mcr.microsoft.com/azureml/other:1',
      condaFile: project.write('environment/conda.yml', CONDA),
      description: 'Reads digits',
      tags: { team: 'vision' },
    });
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    expect(json.only('azapi_resource', 'workspaces/environments')).toMatchObject({
      name: 'digits',
      body: { properties: { tags: { team: 'vision' } } },
    });
    expect(versionOf(json)).toMatchObject({
      image: 'mcr.microsoft.com/azureml/other:1',
      condaFile: CONDA,
      description: 'Reads digits',
      tags: { team: 'vision' },
    });
  });

  it('is a ready image without packages', () => {
    const { stack } = declare({ image: 'registry.azurecr.io/digits@sha256:1234' });
    const version = versionOf(new TerraformJson(stack));
    expect(version.image).toBe('registry.azurecr.io/digits@sha256:1234');
    expect(version).not.toHaveProperty('condaFile');
  });

  it('gets another version with other packages, and keeps its name', () => {
    const of = (pipPackages: string[]) => new TerraformJson(declare({ pipPackages }).stack);
    const { changed, added, removed } = difference(of(['numpy']), of(['numpy', 'pandas']));
    expect({ added, removed }).toEqual({ added: [], removed: [] });
    expect(Object.keys(changed)).toEqual(['azapi_resource_action']);
    expect(changed.azapi_resource_action).toEqual(expect.arrayContaining(['resource_id']));
  });

  it('does not add the server where it is named in another spelling', () => {
    const { environment } = declare({ pipPackages: ['AzureML_Defaults>=1.45', 'numpy'] });
    expect(environment.conda).not.toContain('inference-server');
  });

  it('writes whatever package names there are as YAML that says the same', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (pipPackages) => {
        const { environment } = declare({ pipPackages });
        const { dependencies } = parse(environment.conda ?? '') as { dependencies: unknown[] };
        const [, , last] = dependencies as [string, string, { pip: string[] }];
        expect(last.pip.slice(0, pipPackages.length)).toEqual(pipPackages);
      }),
      { numRuns: 25 },
    );
  });

  it('is rejected by its schema when a property is misspelt', () => {
    const { stack } = declare({ pipPackages: [] });
    const { json } = new TerraformJson(stack);
    expect(azapiBodyProblems(json.replace('"condaFile"', '"condafile"'))).toEqual([
      expect.stringContaining('"additionalProperty":"condafile"') as string,
    ]);
  });

  it.each([
    ['a: [1\nb: 2', /^stack\/Environment: conda\.yml is not valid YAML \(line \d\): /],
    ['- python', /conda\.yml has no list "dependencies"; expected a conda file/],
    ['dependencies:\n- 3.11\n', /conda\.yml has the dependency 3\.11; expected names such as python=3\.11/],
    [
      'dependencies: [python=3.11, {pip: [numpy, azureml-core]}]',
      /conda\.yml lacks the inference server, .*; add azureml-inference-server-http or azureml-defaults/,
    ],
  ])('rejects the conda file %j', (text, message) => {
    const condaFile = project.write('conda.yml', text);
    expect(refusal(() => declare({ condaFile }))).toMatch(message);
  });

  it('reports what is missing or given twice', () => {
    const condaFile = project.write('conda.yml', CONDA);
    expect(refusal(() => declare())).toBe(
      'stack/Environment: it has neither packages nor an image; set condaFile, pipPackages, or an image that contains the inference server',
    );
    expect(refusal(() => declare({ condaFile, pipPackages: ['numpy'], pythonVersion: '3.10' }))).toBe(
      'stack/Environment: condaFile and pipPackages, pythonVersion are both set, but condaFile already defines the packages; move them to conda.yml',
    );
    expect(refusal(() => declare({ condaFile: 'none.yml' }))).toBe(
      'stack/Environment: condaFile is none.yml, which does not exist; set a path relative to the working directory',
    );
    expect(refusal(() => declare({ image: 'x', name: 'a.b' }))).toBe(
      'stack/Environment: name is "a.b"; expected 1 to 255 letters, digits, "-" and "_", starting with a letter or digit',
    );
  });

  it.each([
    [{ port: 0 }, 'routes.port is 0; expected a whole number from 1 to 65535'],
    [{ scoringPath: 'score' }, 'routes.scoringPath is "score"; expected a path such as /score'],
    [{ livenessPath: '/' }, 'routes.livenessPath is "/"; expected a path such as /score'],
  ])('rejects routes with %j', (changes, message) => {
    const routes = { port: 8501, scoringPath: '/score', livenessPath: '/live', ...changes };
    expect(refusal(() => declare({ image: 'x', routes }))).toBe(`stack/Environment: ${message}`);
  });

  it('rejects a workspace on this machine', () => {
    const stack = project.stack();
    const workspace = new LocalWorkspace(stack, 'Workspace');
    expect(refusal(() => new ScoringEnvironment(stack, 'Environment', { workspace, image: 'x' }))).toMatch(
      /^stack\/Environment: the workspace ".*" is local, so it cannot contain an environment; use Workspace/,
    );
  });

  it('does not let two constructs declare one version', () => {
    const { stack, workspace } = declare({ image: 'x', name: 'digits', version: '1' });
    new ScoringEnvironment(stack, 'Other', { workspace, image: 'y', name: 'digits', version: '1' });
    expect(refusal(() => new TerraformJson(stack))).toContain(
      'stack/Other: version "1" of "digits" in the workspace\'s environments is also declared by stack/Environment',
    );
  });

  it('keeps what looks like a template of Terraform from being one', () => {
    const { stack } = declare({ pipPackages: ['numpy'], description: 'costs ${money} and %{time}' });
    expect(versionOf(new TerraformJson(stack)).description).toBe('costs $${money} and %%{time}');
  });

  it('can be an existing one', () => {
    const { stack } = declare({ image: 'x' });
    const id = 'azureml://registries/azureml/environments/tensorflow/versions/7';
    expect(ScoringEnvironment.fromScoringEnvironmentId(stack, 'Curated', id)).toMatchObject({
      environmentId: id,
      revision: id,
      dependables: [],
    });
  });
});
