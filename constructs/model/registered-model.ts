import { Construct } from 'constructs';

import { SERVICE_DEFINITION_FILE } from '../../lib/contract/folder-layout';
import type { ServiceDefinition } from '../../lib/service-definition';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { projectPath, stagedAsset } from '../terraform/project-files';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { requireKnown, requirePattern } from '../validation/synth-value';
import { contentVersion } from '../workspace/content-version';
import type { IWorkspace, RegisteredModelLocation } from '../workspace/workspace-reference';
import type { IRegisteredModel } from './registered-model-reference';
import { requireKnownProps } from '../validation/construct-error';

/** Properties of a registered model. */
export interface RegisteredModelProps {
  /** Workspace to register the model in. */
  readonly workspace: IWorkspace;
  /** Name of the model: at most 255 letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /**
   * Version of the model. A version is never overwritten with different content.
   * @default - the first 12 digits of the content's SHA-256, so that an unchanged definition keeps the version
   */
  readonly version?: string | undefined;
  /** Service definition to register. */
  readonly serviceDefinition: ServiceDefinition;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
}

const REGISTERED_MODEL_PROPS: KnownKeys<RegisteredModelProps> = {
  workspace: true,
  name: true,
  version: true,
  serviceDefinition: true,
  tags: true,
};

/** Attributes of an existing model version. */
export interface RegisteredModelAttributes {
  readonly modelName: string;
  readonly modelVersion: string;
  /**
   * Folder of the registry, if it belongs to a local workspace; relative to the working directory.
   * @default - the model is not on this machine
   */
  readonly localRegistry?: string | undefined;
  /** @default - not known */
  readonly labels?: string[] | undefined;
}

const REGISTERED_MODEL_ATTRIBUTES: KnownKeys<RegisteredModelAttributes> = {
  modelName: true,
  modelVersion: true,
  localRegistry: true,
  labels: true,
};

/** Registers a service definition as a model version. */
export class RegisteredModel extends Construct implements IRegisteredModel {
  /** Imports a model version that was registered elsewhere. */
  static fromRegisteredModelAttributes(
    scope: Construct,
    id: string,
    attributes: RegisteredModelAttributes,
  ): IRegisteredModel {
    return new ImportedRegisteredModel(scope, id, attributes);
  }

  readonly modelName: string;
  readonly modelVersion: string;
  readonly labels?: string[] | undefined;
  readonly workspace?: IWorkspace | undefined;
  readonly serviceDefinition?: ServiceDefinition | undefined;
  readonly location?: RegisteredModelLocation | undefined;

  constructor(scope: Construct, id: string, props: RegisteredModelProps) {
    super(scope, id);
    requireKnownProps(this, props, REGISTERED_MODEL_PROPS);
    requireProvidersInStack(this);
    const { workspace, name, serviceDefinition, tags = {} } = props;
    this.workspace = workspace;
    this.serviceDefinition = serviceDefinition;
    requireName(this, 'name', name);
    const { sha256 } = serviceDefinition;
    this.modelName = name;
    this.modelVersion = props.version ?? contentVersion(sha256);
    requireName(this, 'version', this.modelVersion);
    this.labels = serviceDefinition._content.labels ? [...serviceDefinition._content.labels] : undefined;
    const asset = stagedAsset(this, 'ServiceDefinition', SERVICE_DEFINITION_FILE, serviceDefinition._toZip());
    this.location = workspace.registerModel(this, {
      name,
      version: this.modelVersion,
      sha256,
      path: asset.path,
      tags,
    });
  }
}

class ImportedRegisteredModel extends Construct implements IRegisteredModel {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly labels?: string[] | undefined;
  readonly location?: RegisteredModelLocation | undefined;

  constructor(scope: Construct, id: string, attributes: RegisteredModelAttributes) {
    super(scope, id);
    requireKnownProps(this, attributes, REGISTERED_MODEL_ATTRIBUTES);
    const { modelName, modelVersion, localRegistry } = attributes;
    requireName(this, 'modelName', modelName);
    requireName(this, 'modelVersion', modelVersion);
    this.modelName = modelName;
    this.modelVersion = modelVersion;
    this.labels = attributes.labels;
    if (localRegistry !== undefined) {
      requireKnown(this, 'localRegistry', localRegistry);
      this.location = {
        localRegistry: projectPath(localRegistry),
        revision: `${modelName}:${modelVersion}`,
      };
    }
  }
}

function requireName(scope: Construct, option: string, value: string): void {
  requirePattern(
    scope,
    option,
    value,
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/,
    '1 to 255 letters, digits, ".", "_" and "-", starting with a letter or digit',
  );
}
