import path from 'node:path';

import { Construct } from 'constructs';

import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { readFolder } from '../../lib/files/folder-content';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { requireInput } from '../validation/input-file';
import { contentVersion } from '../workspace/content-version';
import { registerFiles } from '../workspace/registered-files';
import { requireAssetName, requireAssetVersion, type WorkspaceAsset } from '../workspace/workspace-asset';
import { stageFolder, type WorkspaceFiles } from '../workspace/workspace-files';
import {
  type IWorkspace,
  type RegisteredModelLocation,
  requireAzureWorkspace,
} from '../workspace/workspace-reference';
import type { IRegisteredModel } from './registered-model-reference';

/** Properties of a model folder. */
export interface ModelFolderProps {
  /** Workspace to register the model in. Must be on Azure. */
  readonly workspace: IWorkspace;
  /** Name of the model: 1 to 255 letters, digits, `-` and `_`. */
  readonly name: string;
  /**
   * Version of the model. A version is never overwritten with different content.
   * @default - the first 12 digits of the content's SHA-256, so that unchanged files keep the version
   */
  readonly version?: string | undefined;
  /**
   * Folder with the model's files, relative to the working directory: a SavedModel, an ONNX file or a checkpoint. An
   * entry script finds it under the folder's name in `AZUREML_MODEL_DIR`.
   */
  readonly folder: string;
  /** @default - none */
  readonly description?: string | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
}

const MODEL_FOLDER_PROPS: KnownKeys<ModelFolderProps> = {
  workspace: true,
  name: true,
  version: true,
  folder: true,
  description: true,
  tags: true,
};

/** Registers the files of a folder as a model version, for an entry script that loads them itself. */
export class ModelFolder extends Construct implements IRegisteredModel {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly workspace?: IWorkspace | undefined;
  readonly location?: RegisteredModelLocation | undefined;
  readonly files: WorkspaceFiles;
  readonly registration: WorkspaceAsset;

  constructor(scope: Construct, id: string, props: ModelFolderProps) {
    super(scope, id);
    requireKnownProps(this, props, MODEL_FOLDER_PROPS);
    const { workspace, name, folder, description, tags = {} } = props;
    const azure = requireAzureWorkspace(this, workspace, "a model's folder");
    requireAssetName(this, 'name', name);
    requireInput(this, 'folder', folder, 'folder');
    const content = readFolder(folder);
    if (content.files.length === 0) {
      throw new ConstructError(this, `the folder ${folder} is empty; expected the model's files`);
    }
    const { sha256 } = content;
    this.workspace = workspace;
    this.modelName = name;
    this.modelVersion = props.version ?? contentVersion(sha256);
    requireAssetVersion(this, 'version', this.modelVersion);
    const { files, registration } = registerFiles(this, {
      workspace,
      azure,
      kind: 'models',
      name,
      version: this.modelVersion,
      sha256,
      folder: `${contentVersion(sha256)}/${path.basename(path.resolve(folder))}`,
      files: stageFolder(this, content),
      tags,
      properties: ({ datastoreUri }) => ({ modelType: 'custom_model', modelUri: datastoreUri, description }),
    });
    this.files = files;
    this.registration = registration;
    this.location = {
      dependable: this.registration.version,
      revision: `${name}:${this.modelVersion}:${sha256}`,
      azure: { modelVersionId: this.registration.versionId, modelUri: this.files.datastoreUri },
    };
  }
}
