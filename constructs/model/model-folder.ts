import path from 'node:path';
import { statSync } from 'node:fs';

import { Construct } from 'constructs';

import { ConstructError } from '../validation/construct-error';
import { readFolder } from '../online-endpoint/folder-content';
import { requireAssetName, requireAssetVersion } from '../workspace/asset-name';
import { requireKnown } from '../validation/synth-value';
import { requireAzureWorkspace } from '../workspace/azure-workspace';
import type { IWorkspace, RegisteredModelLocation } from '../workspace/workspace';
import { WorkspaceAsset } from '../workspace/workspace-asset';
import { WorkspaceFiles } from '../workspace/workspace-files';
import type { IRegisteredModel } from './registered-model';

/** The folder, and the name that it is registered by. */
export interface ModelFolderProps {
  /** Where the model is registered. It must be on Azure. */
  readonly workspace: IWorkspace;
  /** 1 to 255 letters, digits, `-` and `_`. */
  readonly name: string;
  /**
   * A version is never overwritten with other content.
   * @default - the first 12 digits of the content's SHA-256: unchanged files are no change
   */
  readonly version?: string | undefined;
  /**
   * The folder with the model's files, relative to the working directory: a SavedModel, an ONNX file, a checkpoint. An
   * entry script finds it, by the folder's own name, in the folder `AZUREML_MODEL_DIR`.
   */
  readonly folder: string;
  /** @default - none */
  readonly description?: string | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
}

/** Registers a folder's files as a model version, for an entry script that loads them itself. */
export class ModelFolder extends Construct implements IRegisteredModel {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly workspace?: IWorkspace | undefined;
  readonly location?: RegisteredModelLocation | undefined;
  readonly files: WorkspaceFiles;
  readonly registration: WorkspaceAsset;

  constructor(scope: Construct, id: string, props: ModelFolderProps) {
    super(scope, id);
    const { workspace, name, folder, description, tags = {} } = props;
    const azure = requireAzureWorkspace(this, workspace, "a model's folder");
    requireAssetName(this, 'name', name);
    requireKnown(this, 'folder', folder);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw new ConstructError(
        this,
        `there is no folder ${folder}; paths are relative to the working directory`,
      );
    }
    const content = readFolder(folder);
    if (content.files.length === 0) {
      throw new ConstructError(this, `the folder ${folder} is empty; expected the model's files in it`);
    }
    const { sha256 } = content;
    this.workspace = workspace;
    this.modelName = name;
    this.modelVersion = props.version ?? sha256.slice(0, 12);
    requireAssetVersion(this, 'version', this.modelVersion);
    this.files = WorkspaceFiles._declare(this, 'Files', {
      workspace,
      azure,
      content,
      folderName: path.basename(path.resolve(folder)),
    });
    this.registration = WorkspaceAsset._declare(this, 'Registration', {
      azure,
      kind: 'models',
      name,
      version: this.modelVersion,
      properties: {
        modelType: 'custom_model',
        modelUri: this.files.datastoreUri,
        ...(description !== undefined && { description }),
        properties: { sha256 },
      },
      tags,
      // Azure looks at the files when a version is registered.
      dependsOn: this.files.dependables,
    });
    this.location = {
      dependable: this.registration.version,
      revision: `${name}:${this.modelVersion}:${sha256}`,
      azure: { modelVersionId: this.registration.versionId, modelUri: this.files.datastoreUri },
    };
  }
}
