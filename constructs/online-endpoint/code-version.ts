import path from 'node:path';

import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { nameFromPath } from '../azure/derived-name';
import { contentVersion } from '../workspace/content-version';
import { registerFiles } from '../workspace/registered-files';
import type { WorkspaceAsset } from '../workspace/workspace-asset';
import { stageFolder, type WorkspaceFiles } from '../workspace/workspace-files';
import type { AzureWorkspace, IWorkspace } from '../workspace/workspace-reference';
import type { ScoringCode } from './scoring-code';

/** @internal */
export interface CodeVersionProps {
  readonly workspace: IWorkspace;
  readonly azure: AzureWorkspace;
  readonly code: ScoringCode;
  readonly tags: Record<string, string>;
}

/** Scoring code in a workspace on Azure. Its version is the hash of the content, so unchanged code keeps the version. */
export class CodeVersion extends Construct {
  readonly files: WorkspaceFiles;
  readonly registration: WorkspaceAsset;
  /** ARM id of the version. */
  readonly codeId: string;
  /** Resources that exist when the code is registered. */
  readonly dependables: ITerraformDependable[];

  /** @internal Declared only by deployments. */
  static _declare(scope: Construct, id: string, props: CodeVersionProps): CodeVersion {
    return new CodeVersion(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: CodeVersionProps) {
    super(scope, id);
    const { workspace, azure, code, tags } = props;
    const { files, registration } = registerFiles(this, {
      workspace,
      azure,
      kind: 'codes',
      name: nameFromPath(this),
      version: contentVersion(code.sha256),
      sha256: code.sha256,
      folder: `${contentVersion(code.sha256)}/${path.basename(path.resolve(code.folder))}`,
      files: stageFolder(this, code._content),
      tags,
      properties: ({ folderUri }) => ({ codeUri: folderUri }),
    });
    this.files = files;
    this.registration = registration;
    this.codeId = this.registration.versionId;
    this.dependables = [this.registration.version];
  }
}
