import { createHash } from 'node:crypto';

import { ContainerRegistryTask } from '@cdktf/provider-azurerm/lib/container-registry-task';
import { ContainerRegistryTaskScheduleRunNow } from '@cdktf/provider-azurerm/lib/container-registry-task-schedule-run-now';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { StorageBlob } from '@cdktf/provider-azurerm/lib/storage-blob';
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { buildContext, DEFAULT_BASE_IMAGE } from '../../lib/container';
import type { ServiceDefinition } from '../../lib/service-definition';
import type { KnownKeys } from '../../lib/validation/known-keys';
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

/** What an image is built of, and where. */
export interface ScoringImageProps {
  /** What the image serves. It must be registered in a workspace on Azure, with a container registry. */
  readonly model: IRegisteredModel;
  /**
   * The image's name in the registry.
   * @default - 'cdktf-brainwave/' and the model's name
   */
  readonly repository?: string | undefined;
  /**
   * What the image is built on. It must have node (20.12 or later), npm, a shell and the GNU C library.
   * @default - Node.js 24 on Azure Linux, of Microsoft's registry
   */
  readonly baseImage?: string | undefined;
  /**
   * Minutes that the build may take, 5 to 480.
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

/** An image that exists. */
export interface ScoringImageAttributes {
  /** `registry.azurecr.io/name:tag`, or `…@sha256:…`. */
  readonly imageUri: string;
  /**
   * The registry's ARM id, where whoever runs the image needs a role to pull it.
   * @default - the image can be pulled by anybody
   */
  readonly containerRegistryId?: string | undefined;
}

const SCORING_IMAGE_ATTRIBUTES: KnownKeys<ScoringImageAttributes> = {
  imageUri: true,
  containerRegistryId: true,
};

/**
 * The container image of the scoring server with a model in it, built in the cloud by the workspace's container
 * registry ("ACR Tasks overview"). The tag is the content's hash: what is unchanged is not built again.
 *
 * The task fetches the build context from a private blob as a managed identity ("Use an Azure-managed identity in ACR
 * Tasks"), which may read that container and nothing else: a context by URL would need a SAS token, a secret that
 * expires. It checks the context's hash before it builds.
 */
export class ScoringImage extends Construct implements IScoringImage {
  /** An image of your own: it must take the command and the files that ours takes. */
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
  /** The content's SHA-256. */
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
    const { model, baseImage = DEFAULT_BASE_IMAGE, timeoutMinutes = 30 } = props;
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
    const meta = { ...(provider && { provider }) };

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
      ...meta,
    });
    this.identity = new UserAssignedIdentity(this, 'Identity', {
      name: azureName(this, AZURE_NAMES.managedIdentity),
      location: azure.location,
      resourceGroupName: azure.resourceGroupName,
      ...meta,
    });
    this.roleAssignment = new RoleAssignment(this, 'ReadContext', {
      scope: this.container.id,
      roleDefinitionName: 'Storage Blob Data Reader',
      principalId: this.identity.principalId,
      principalType: 'ServicePrincipal',
      ...meta,
    });
    this.task = new ContainerRegistryTask(this, 'Task', {
      // Another content or name of the image is another task: azurerm runs a task again for another task alone.
      name: taskName(this, `${repository}:${this.tag}`),
      containerRegistryId: registry.id,
      platform: { os: 'Linux', architecture: 'amd64' },
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
        `imageUri is "${imageUri}"; expected registry/name:tag or registry/name@sha256:<digest>, so that it is known what runs`,
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
  const instead =
    'or give the compute an image of your own: image: ScoringImage.fromScoringImageAttributes(…)';
  const fail = (message: string): never => {
    throw new ConstructError(scope, `${message}, ${instead}`);
  };
  const { serviceDefinition, workspace } = model;
  if (!serviceDefinition) {
    return fail(
      `the service definition of "${model.modelName}" is not known to this stack, and the image is built of it; ` +
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
    return fail('the workspace has no container registry, which builds the image; give it one');
  }
  if (storageAccountId === undefined || storageAccountName === undefined) {
    return fail("the workspace's storage account is not known, and the build context is kept there; name it");
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
      `repository is "${repository}"; expected lower-case letters and digits, with single ".", "_", "-" or "/" between them`,
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
