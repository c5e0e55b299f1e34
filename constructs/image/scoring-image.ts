import { createHash } from 'node:crypto';

import { Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { buildContext } from '../../lib/container';
import { NODE_IMAGE } from '../../lib/contract/container-images';
import type { ServiceDefinition } from '../../lib/service-definition';
import type { KnownKeys } from '../../lib/validation/known-keys';
import {
  ContainerRegistryTask,
  ContainerRegistryTaskScheduleRunNow,
  RoleAssignment,
  StorageBlob,
  StorageContainer,
  UserAssignedIdentity,
} from '../bindings/azurerm';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import type { IRegisteredModel } from '../model/registered-model-reference';
import { stagedAsset } from '../terraform/project-files';
import { ConstructError, withConstructPath, requireKnownProps } from '../validation/construct-error';
import { dependablesFor } from '../terraform/dependables';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { requireKnown, requireNumber } from '../validation/synth-value';
import type { AzureWorkspace } from '../workspace/workspace-reference';
import { imageBuildTask } from './image-build-task';
import type { IScoringImage } from './scoring-image-reference';

/** Model, base image and build settings of an image. */
export interface ScoringImageProps {
  /** Model that the image serves. It must be registered in a workspace on Azure that has a container registry. */
  readonly model: IRegisteredModel;
  /**
   * Repository of the image in the registry.
   * @default - `cdktf-brainwave/` followed by the model's name
   */
  readonly repository?: string | undefined;
  /**
   * Base image. It must contain Node.js 20.12 or later, npm, a shell and the GNU C library.
   * @default - Node.js 24 on Azure Linux, from the Microsoft container registry, pinned by digest
   */
  readonly baseImage?: string | undefined;
  /**
   * Time limit of the build in minutes, from 5 to 480.
   * @default 30
   */
  readonly timeoutMinutes?: number | undefined;
}

const SCORING_IMAGE_PROPS: KnownKeys<ScoringImageProps> = {
  model: true,
  repository: true,
  baseImage: true,
  timeoutMinutes: true,
};

/** Attributes of an existing image. */
export interface ScoringImageAttributes {
  /** `registry.azurecr.io/name:tag`, or `…@sha256:…`. */
  readonly imageUri: string;
  /**
   * ARM id of the registry, if pulling the image requires a role.
   * @default - the image can be pulled without a role
   */
  readonly containerRegistryId?: string | undefined;
}

const SCORING_IMAGE_ATTRIBUTES: KnownKeys<ScoringImageAttributes> = {
  imageUri: true,
  containerRegistryId: true,
};

/**
 * Container image of the scoring server that contains a model, built in the cloud by the workspace's container registry.
 * The tag is the hash of the content, so unchanged content is not built again.
 *
 * The task downloads the build context from a private blob with a managed identity that can read only that container. A
 * context URL would need a SAS token, a secret that expires. The task verifies the hash of the context before it builds.
 * @see https://learn.microsoft.com/azure/container-registry/container-registry-tasks-overview
 * @see https://learn.microsoft.com/azure/container-registry/container-registry-tasks-authentication-managed-identity
 */
export class ScoringImage extends Construct implements IScoringImage {
  /** Uses an existing image. It must support the same command and configuration files as a built one. */
  static fromScoringImageAttributes(
    scope: Construct,
    id: string,
    attributes: ScoringImageAttributes,
  ): IScoringImage {
    return new ImportedScoringImage(scope, id, attributes);
  }

  readonly imageUri: string;
  readonly containerRegistryId?: string | undefined;
  readonly dependables: ITerraformDependable[];
  /** SHA-256 of the build context. */
  readonly tag: string;
  readonly container: StorageContainer;
  readonly context: StorageBlob;
  readonly identity: UserAssignedIdentity;
  readonly roleAssignment: RoleAssignment;
  readonly task: ContainerRegistryTask;
  readonly run: ContainerRegistryTaskScheduleRunNow;

  constructor(scope: Construct, id: string, props: ScoringImageProps) {
    super(scope, id);
    requireKnownProps(this, props, SCORING_IMAGE_PROPS);
    requireProvidersInStack(this);
    const { model, baseImage = NODE_IMAGE, timeoutMinutes = 30 } = props;
    const { azure, serviceDefinition, registry, storage } = requireBuildable(this, model);
    requireKnown(this, 'baseImage', baseImage);
    requireKnown(this, "the model's name", model.modelName);
    requireKnown(this, "the model's version", model.modelVersion);
    requireNumber(this, 'timeoutMinutes', timeoutMinutes, wholeNumber(5, 480));
    const repository = requireRepository(
      this,
      props.repository ?? `cdktf-brainwave/${model.modelName.toLowerCase()}`,
    );
    const bytes = withConstructPath(this, () =>
      buildContext({
        modelName: model.modelName,
        modelVersion: model.modelVersion,
        definition: serviceDefinition._content.definition,
        zip: serviceDefinition._toZip(),
        baseImage,
      }),
    );
    this.tag = createHash('sha256').update(bytes).digest('hex');
    const asset = stagedAsset(this, 'BuildContext', 'context.tar', bytes);
    const { provider } = azure;
    const meta = { provider };

    this.container = new StorageContainer(this, 'Container', {
      name: azureName(this, AZURE_NAMES.storageContainer),
      storageAccountId: storage.id,
      containerAccessType: 'private',
      ...meta,
    });
    this.context = new StorageBlob(this, 'Context', {
      name: `${this.tag}.tar`,
      storageAccountName: storage.name,
      storageContainerName: this.container.name,
      type: 'Block',
      contentType: 'application/x-tar',
      source: asset.path,
      dependsOn: dependablesFor(this, azure.dependables ?? []),
      ...meta,
    });
    this.identity = new UserAssignedIdentity(this, 'Identity', {
      name: azureName(this, AZURE_NAMES.managedIdentity),
      location: azure.location,
      resourceGroupName: azure.resourceGroupName,
      ...meta,
    });
    this.roleAssignment = new RoleAssignment(this, 'ReadContext', {
      // The build task downloads its context.
      scope: this.container.id,
      roleDefinitionName: 'Storage Blob Data Reader',
      principalId: this.identity.principalId,
      principalType: 'ServicePrincipal',
      ...meta,
    });
    this.task = new ContainerRegistryTask(this, 'Task', {
      // The task's name depends on the image, because azurerm runs a task again only if the task is replaced.
      name: taskName(this, `${repository}:${this.tag}`),
      containerRegistryId: registry.id,
      platform: { os: 'Linux', architecture: 'amd64' },
      agentPoolName: azure.buildAgentPoolName,
      timeoutInSeconds: timeoutMinutes * 60,
      identity: { type: 'UserAssigned', identityIds: [this.identity.id] },
      encodedStep: {
        taskContent: imageBuildTask({ repository, tag: this.tag, timeoutMinutes }),
        values: {
          clientId: this.identity.clientId,
          storageAccount: storage.name,
          container: this.container.name,
          blob: this.context.name,
        },
      },
      ...meta,
    });
    this.run = new ContainerRegistryTaskScheduleRunNow(this, 'Run', {
      containerRegistryTaskId: this.task.id,
      timeouts: { create: `${timeoutMinutes + 5}m` },
      dependsOn: [
        this.context,
        this.roleAssignment,
        ...dependablesFor(this, model.location?.dependable ? [model.location.dependable] : []),
      ],
      ...meta,
    });
    this.imageUri = `${registry.loginServer}/${repository}:${this.tag}`;
    this.containerRegistryId = registry.id;
    this.dependables = [this.run];
  }
}

class ImportedScoringImage extends Construct implements IScoringImage {
  readonly imageUri: string;
  readonly containerRegistryId?: string | undefined;
  readonly dependables: ITerraformDependable[] = [];

  constructor(scope: Construct, id: string, attributes: ScoringImageAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, SCORING_IMAGE_ATTRIBUTES);
    const { imageUri, containerRegistryId } = attributes;
    if (
      !Token.isUnresolved(imageUri) &&
      !/^[^\s/@]+(\/[^\s:@]+)+(:[\w.-]+|@sha256:[0-9a-f]{64})$/.test(imageUri)
    ) {
      throw new ConstructError(
        this,
        `imageUri is "${imageUri}"; expected registry/name:tag or registry/name@sha256:<digest>`,
      );
    }
    this.imageUri = imageUri;
    this.containerRegistryId = containerRegistryId;
  }
}

interface Buildable {
  readonly azure: AzureWorkspace;
  readonly serviceDefinition: ServiceDefinition;
  readonly registry: { readonly id: string; readonly loginServer: string };
  readonly storage: { readonly id: string; readonly name: string };
}

function requireBuildable(scope: Construct, model: IRegisteredModel): Buildable {
  const instead = 'or set image: ScoringImage.fromScoringImageAttributes(…) on the compute';
  const fail = (message: string): never => {
    throw new ConstructError(scope, `${message}, ${instead}`);
  };
  const { serviceDefinition, workspace } = model;
  if (!serviceDefinition) {
    return fail(
      `the image is built from the service definition of "${model.modelName}", which this stack does not know; ` +
        'declare the model with new RegisteredModel(…)',
    );
  }
  const azure = workspace?.azure;
  if (!azure) {
    return fail(
      `"${model.modelName}" is not registered in a workspace on Azure, whose container registry builds the image; ` +
        'register it in a Workspace',
    );
  }
  const { containerRegistryId, containerRegistryLoginServer, storageAccountId, storageAccountName } = azure;
  if (containerRegistryId === undefined || containerRegistryLoginServer === undefined) {
    return fail('the workspace has no container registry to build the image; add one to the workspace');
  }
  if (storageAccountId === undefined || storageAccountName === undefined) {
    return fail("the workspace's storage account, which stores the build context, is not known; set it");
  }
  if (azure.networkIsolation && azure.buildAgentPoolName === undefined) {
    return fail(
      'the workspace is private, so the shared agents of its registry cannot build the image; set buildSubnetId of ' +
        'PrivateNetwork.fromSubnetIds, or agentPoolName of a given containerRegistry, or buildAgentPoolName of an imported workspace',
    );
  }
  return {
    azure,
    serviceDefinition,
    registry: { id: containerRegistryId, loginServer: containerRegistryLoginServer },
    storage: { id: storageAccountId, name: storageAccountName },
  };
}

function requireRepository(scope: Construct, repository: string): string {
  if (!Token.isUnresolved(repository) && !/^[a-z0-9]+(?:(?:[._]|__|-+|\/)[a-z0-9]+)*$/.test(repository)) {
    throw new ConstructError(
      scope,
      `repository is "${repository}"; expected lowercase letters and digits, with single ".", "_", "-" or "/" between them`,
    );
  }
  return repository;
}

const TASK_HASH = 12;

function taskName(scope: Construct, image: string): string {
  const rule = AZURE_NAMES.containerRegistryTask;
  const suffix = `-${createHash('sha256').update(image).digest('hex').slice(0, TASK_HASH)}`;
  return `${azureName(scope, { ...rule, maxLength: rule.maxLength - suffix.length })}${suffix}`;
}
