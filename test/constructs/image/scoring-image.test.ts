import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import type { TerraformStack } from 'cdktf';

import {
  LocalWorkspace,
  RegisteredModel,
  ScoringImage,
  Workspace,
  type ScoringImageProps,
} from '../../../constructs';
import { azureStack, tagAll } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const run = promisify(execFile);

interface EncodedStep {
  readonly task_content: string;
  readonly values: Readonly<Record<string, string>>;
}

describe('ScoringImage', () => {
  let project: TestProject;
  beforeEach(() => {
    project = new TestProject();
  });
  afterEach(() => {
    project.leave();
  });

  function declare(
    props: Partial<ScoringImageProps> = {},
    op = 'Identity',
  ): {
    stack: TerraformStack;
    image: ScoringImage;
  } {
    const stack = azureStack(project);
    const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
    const serviceDefinition = project.definition({ op });
    const model = new RegisteredModel(stack, 'Model', { workspace, name: 'Flowers', serviceDefinition });
    return { stack, image: new ScoringImage(stack, 'Image', { model, ...props }) };
  }

  it('is built by the workspace’s registry, under a tag that is the content’s hash', () => {
    const { stack, image } = declare();
    const synthesized = new TerraformJson(stack);
    const registry = synthesized.address('azurerm_container_registry');
    const task = synthesized.only('azurerm_container_registry_task');
    expect(image.tag).toMatch(/^[0-9a-f]{64}$/);
    expect(task).toMatchObject({
      name: expect.stringMatching(/^stack-image-[0-9a-f]{12}$/) as string,
      container_registry_id: `\${${registry}.id}`,
      platform: { os: 'Linux', architecture: 'amd64' },
      timeout_in_seconds: 1800,
    });
    const { task_content: content } = task.encoded_step as EncodedStep;
    expect(content).toContain(`push: ["{{.Run.Registry}}/cdktf-brainwave/flowers:${image.tag}"]`);
    expect(content).toContain(
      `build: -t {{.Run.Registry}}/cdktf-brainwave/flowers:${image.tag} -f context/Dockerfile`,
    );
    // ACR would take what follows a `$` for one of its aliases.
    expect(content).not.toContain('$');
    expect(synthesized.only('azurerm_container_registry_task_schedule_run_now')).toMatchObject({
      container_registry_task_id: `\${${synthesized.address('azurerm_container_registry_task')}.id}`,
      timeouts: { create: '35m' },
    });
  });

  it('needs no secret: the task reads its context as an identity that may read nothing else', () => {
    const { stack } = declare();
    const synthesized = new TerraformJson(stack);
    const identity = [...synthesized.resources.keys()].find((address) =>
      address.startsWith('azurerm_user_assigned_identity.Image'),
    )!;
    const container = [...synthesized.resources.keys()].find((address) =>
      address.startsWith('azurerm_storage_container.Image'),
    )!;
    const task = synthesized.only('azurerm_container_registry_task');
    expect(task).toMatchObject({ identity: { type: 'UserAssigned', identity_ids: [`\${${identity}.id}`] } });
    expect((task.encoded_step as EncodedStep).values).toMatchObject({
      clientId: `\${${identity}.client_id}`,
      container: `\${${container}.name}`,
      storageAccount: `\${${synthesized.address('azurerm_storage_account')}.name}`,
    });
    const roles = synthesized
      .all('azurerm_role_assignment')
      .filter((role) => role.principal_id === `\${${identity}.principal_id}`);
    expect(roles).toEqual([
      expect.objectContaining({
        scope: `\${${container}.id}`,
        role_definition_name: 'Storage Blob Data Reader',
      }),
    ]);
    expect(synthesized.json).not.toMatch(
      /access_token|access_key"|connection_string|sas_(token|url)|\bsig=/i,
    );
  });

  it('runs the build once the context is there, may be read, and the model is registered', () => {
    const { stack } = declare();
    const synthesized = new TerraformJson(stack);
    const find = (prefix: string) =>
      [...synthesized.resources.keys()].find((address) => address.startsWith(prefix));
    expect(synthesized.only('azurerm_container_registry_task_schedule_run_now').depends_on).toEqual([
      find('azurerm_storage_blob.Image'),
      find('azurerm_role_assignment.Image'),
      find('azapi_resource_action.Model'),
    ]);
  });

  it('is the same image for the same content, and another task for another', () => {
    const first = declare();
    const again = declare();
    const other = declare({}, 'Relu');
    expect(new TerraformJson(again.stack).json).toBe(new TerraformJson(first.stack).json);
    expect(other.image.tag).not.toBe(first.image.tag);
    expect(new TerraformJson(other.stack).only('azurerm_container_registry_task').name).not.toBe(
      new TerraformJson(first.stack).only('azurerm_container_registry_task').name,
    );
  });

  // azurerm runs a task once for each container_registry_task_id, which names the task: no other change builds anything.
  // @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs/resources/container_registry_task_schedule_run_now
  it('is built again under another name by another task', () => {
    const [first, other] = ['vision/flowers', 'vision/plants'].map((repository) => declare({ repository }));
    expect(other.image.tag).toBe(first.image.tag);
    expect(new TerraformJson(other.stack).only('azurerm_container_registry_task').name).not.toBe(
      new TerraformJson(first.stack).only('azurerm_container_registry_task').name,
    );
  });

  it('applies every property', () => {
    const { stack, image } = declare({
      repository: 'vision/flowers',
      baseImage: 'node:24-bookworm-slim',
      timeoutMinutes: 60,
    });
    tagAll(stack, { team: 'vision' });
    const synthesized = new TerraformJson(stack);
    const task = synthesized.only('azurerm_container_registry_task');
    expect(task).toMatchObject({ timeout_in_seconds: 3600, tags: { team: 'vision' } });
    expect((task.encoded_step as EncodedStep).task_content).toContain(`/vision/flowers:${image.tag}`);
    expect(image.tag).not.toBe(declare({ repository: 'vision/flowers' }).image.tag);
  });

  it('fetches, checks and unpacks its context with the script that the registry runs', async () => {
    const { stack, image } = declare();
    const { task_content: content } = new TerraformJson(stack).only('azurerm_container_registry_task')
      .encoded_step as EncodedStep;
    const script = /bash -c '([^']+)'/.exec(content)![1];
    // Stands for the Azure CLI: the first attempt finds that the role is not known yet.
    project.write(
      'bin/az',
      '#!/bin/sh\necho "$@" >> calls\ncase "$1" in login) exit 0;; esac\n' +
        '[ "$(grep -c "^storage" calls)" -gt 1 ] || exit 1\ncp fetched.tar context.tar\n',
    );
    project.write('bin/sleep', '#!/bin/sh\nexit 0\n');
    chmodSync('bin/az', 0o755);
    chmodSync('bin/sleep', 0o755);
    copyFileSync(path.join('node_modules/.cache/cdktf-brainwave', image.tag, 'context.tar'), 'fetched.tar');
    const env = { ...process.env, PATH: `${path.resolve('bin')}:${process.env.PATH ?? ''}` };
    await run('bash', ['-c', script], { env });
    expect(readFileSync('context/Dockerfile', 'utf8')).toMatch(
      /^FROM mcr\.microsoft\.com\/azurelinux\/base\/nodejs:24@sha256:[0-9a-f]{64} /m,
    );
    expect(existsSync('context/model/service-definition.zip')).toBe(true);
    expect(
      readFileSync('calls', 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('storage')),
    ).toHaveLength(2);

    project.write('fetched.tar', 'something else');
    mkdirSync('elsewhere');
    await expect(
      run('bash', ['-c', script.replace('context.tar context', 'context.tar elsewhere')], { env }),
    ).rejects.toThrow();
    expect(existsSync('elsewhere/Dockerfile')).toBe(false);
  });

  it.each([
    [{ repository: 'Vision' }, 'repository is "Vision"; expected lowercase letters and digits'],
    [{ timeoutMinutes: 4 }, 'timeoutMinutes is 4; expected a whole number from 5 to 480'],
  ])('rejects %j', (props, message) => {
    expect(refusal(() => declare(props))).toContain(`stack/Image: ${message}`);
  });

  it('reports what a model lacks for an image to be built of it, and what to do instead', () => {
    const stack = azureStack(project);
    const instead = 'or set image: ScoringImage.fromScoringImageAttributes(…) on the compute';
    const imported = RegisteredModel.fromRegisteredModelAttributes(stack, 'Imported', {
      modelName: 'm',
      modelVersion: '1',
    });
    expect(refusal(() => new ScoringImage(stack, 'A', { model: imported }))).toBe(
      'stack/A: the image is built from the service definition of "m", which this stack does not know; ' +
        `declare the model with new RegisteredModel(…), ${instead}`,
    );
    const local = new RegisteredModel(stack, 'Local', {
      workspace: new LocalWorkspace(stack, 'LocalWorkspace'),
      name: 'm',
      serviceDefinition: project.definition(),
    });
    expect(refusal(() => new ScoringImage(stack, 'B', { model: local }))).toBe(
      'stack/B: "m" is not registered in a workspace on Azure, whose container registry builds the image; ' +
        `register it in a Workspace, ${instead}`,
    );
  });
});

describe('ScoringImage.fromScoringImageAttributes', () => {
  let project: TestProject;
  beforeEach(() => {
    project = new TestProject();
  });
  afterEach(() => {
    project.leave();
  });

  it('accepts a custom image', () => {
    const stack = azureStack(project);
    const image = ScoringImage.fromScoringImageAttributes(stack, 'Image', {
      imageUri: 'images.azurecr.io/vision/flowers:1.2',
      containerRegistryId: '/registry',
    });
    expect(image).toMatchObject({
      imageUri: 'images.azurecr.io/vision/flowers:1.2',
      containerRegistryId: '/registry',
      dependables: [],
    });
  });

  it.each(['flowers', 'images.azurecr.io/flowers', 'images.azurecr.io/a b:1'])('rejects %s', (imageUri) => {
    const stack = azureStack(project);
    expect(refusal(() => ScoringImage.fromScoringImageAttributes(stack, 'Image', { imageUri }))).toContain(
      `stack/Image: imageUri is "${imageUri}"; expected registry/name:tag or registry/name@sha256:<digest>`,
    );
  });
});
