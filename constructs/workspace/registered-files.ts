import type { Construct } from 'constructs';

import { SERVICE_DEFINITION_FILE } from '../../lib/contract/folder-layout';
import { WorkspaceAsset } from './workspace-asset';
import { WorkspaceFiles, type WorkspaceFile } from './workspace-files';
import {
  requireAzureWorkspace,
  type AzureWorkspace,
  type IWorkspace,
  type ModelRegistration,
  type RegisteredModelLocation,
} from './workspace-reference';

/** Files to register as a model or code version. @internal */
export interface FilesRegistration {
  readonly workspace: IWorkspace;
  readonly azure: AzureWorkspace;
  /** `codes` or `models`. */
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the content. */
  readonly sha256: string;
  readonly folder: string;
  readonly files: readonly WorkspaceFile[];
  readonly tags: Record<string, string>;
  /** Returns further properties of the version for the location of its files. */
  readonly properties: (files: WorkspaceFiles) => Record<string, unknown>;
}

/** Uploaded files in a workspace on Azure, and the version registered from them. @internal */
export interface RegisteredFiles {
  readonly files: WorkspaceFiles;
  readonly registration: WorkspaceAsset;
}

/** Uploads files and registers them as a version of a named asset. @internal */
export function registerFiles(scope: Construct, props: FilesRegistration): RegisteredFiles {
  const { workspace, azure, kind, name, version, sha256, tags } = props;
  const files = WorkspaceFiles._declare(scope, 'Files', {
    workspace,
    azure,
    folder: props.folder,
    files: props.files,
  });
  const registration = WorkspaceAsset._declare(scope, 'Registration', {
    workspace,
    azure,
    kind,
    name,
    version,
    properties: { ...props.properties(files), properties: { sha256 } },
    tags,
    // Azure checks the files when a version is registered.
    dependsOn: files.dependables,
  });
  return { files, registration };
}

/**
 * Registers a service definition as a model version in a workspace on Azure.
 *
 * Terraform replaces the file when the version changes. The file of an earlier version remains in the soft delete of the
 * storage account and in the images that were built from it. An apply of its commit uploads it again, byte for byte.
 * @internal
 */
export function registerServiceDefinition(
  scope: Construct,
  workspace: IWorkspace,
  { name, version, sha256, path, tags }: ModelRegistration,
): RegisteredModelLocation {
  const modelUri = (uploaded: WorkspaceFiles) => `${uploaded.datastoreUri}/${SERVICE_DEFINITION_FILE}`;
  const { files, registration } = registerFiles(scope, {
    workspace,
    azure: requireAzureWorkspace(scope, workspace, 'a model'),
    kind: 'models',
    name,
    version,
    sha256,
    folder: version,
    files: [{ name: SERVICE_DEFINITION_FILE, path, sha256, contentType: 'application/zip' }],
    tags,
    properties: (uploaded) => ({ modelType: 'custom_model', modelUri: modelUri(uploaded) }),
  });
  return {
    dependable: registration.version,
    revision: `${name}:${version}:${sha256}`,
    azure: { modelVersionId: registration.versionId, modelUri: modelUri(files) },
  };
}
