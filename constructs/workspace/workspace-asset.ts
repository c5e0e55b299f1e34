import { Token, type ITerraformDependable } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { AzapiResource } from '../azapi/azapi-resource';
import { AzapiResourceAction } from '../azapi/azapi-resource-action';
import { digestOf } from '../azure/derived-name';
import { isInSameStack } from '../terraform/dependables';
import { oncePerStack } from '../terraform/once-per-stack';
import { requireUnique } from '../validation/unique';
import { requirePattern } from '../validation/synth-value';
import type { AzureWorkspace, IWorkspace } from './workspace-reference';

const API = '2025-06-01';

/** @internal */
export interface WorkspaceAssetProps {
  readonly workspace: IWorkspace;
  readonly azure: AzureWorkspace;
  /** `codes`, `environments` or `models`. */
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  /** Properties of the version, as in Azure's REST reference. */
  readonly properties: Record<string, unknown>;
  readonly tags: Record<string, string>;
  /** Resources that Azure checks when the version is registered. */
  readonly dependsOn: ITerraformDependable[];
}

/**
 * A version of a named asset of a workspace, and the asset, which all versions in a stack share.
 *
 * The asset is a resource that is destroyed with the stack. A version is written once by a request and never undone: a
 * resource would be deleted when the next version is added, although a deployment may still use it.
 */
export class WorkspaceAsset extends Construct {
  readonly asset: AzapiResource;
  readonly version: AzapiResourceAction;
  /** ARM id of the version. */
  readonly versionId: string;

  /** @internal Declared only by constructs that are registered in a workspace. */
  static _declare(scope: Construct, id: string, props: WorkspaceAssetProps): WorkspaceAsset {
    return new WorkspaceAsset(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: WorkspaceAssetProps) {
    super(scope, id);
    const { workspace, azure, kind, name, version, properties, tags, dependsOn } = props;
    const type = `Microsoft.MachineLearningServices/workspaces/${kind}`;
    const { azapiProvider: provider } = azure;
    // It stays when the construct that declares one of its versions is removed.
    const assetId = `Asset-${kind}-${Token.isUnresolved(name) ? this.node.addr : `${name}-${digestOf(workspace.node.path)}`}`;
    this.asset = oncePerStack(
      this,
      assetId,
      (stack, id) =>
        new AzapiResource(stack, id, {
          type: `${type}@${API}`,
          name,
          parentId: azure.workspaceId,
          body: { properties: { isArchived: false } },
          tags,
          tagsInProperties: true,
          provider,
        }),
    );
    this.versionId = `${this.asset.id}/versions/${version}`;
    this.version = new AzapiResourceAction(this, 'Version', {
      type: `${type}/versions@${API}`,
      resourceId: this.versionId,
      method: 'PUT',
      body: { properties: { ...properties, isAnonymous: false, isArchived: false } },
      tagsInProperties: tags,
      dependsOn,
      provider,
    });
    const asset = `"${name}" in the workspace's ${kind} is also declared by`;
    const pathOf = (other: IConstruct) => (other.node.scope ?? other).node.path;
    const subject = this.node.scope ?? this;
    requireUnique(
      this,
      [kind, name, azure.workspaceId],
      (other) =>
        isInSameStack(this, other)
          ? undefined
          : `${asset} ${pathOf(other)}, so destroying one would remove the other; set another name for one of them`,
      subject,
    );
    requireUnique(
      this,
      [kind, name, version, azure.workspaceId],
      (other) =>
        isInSameStack(this, other)
          ? `version "${version}" of ${asset} ${pathOf(other)}; set another version or name for one of them`
          : undefined,
      subject,
    );
  }
}

/**
 * Requires that an asset's name is valid in Azure ML.
 * @param what name of the property
 * @see https://learn.microsoft.com/rest/api/azureml/code-versions/create-or-update
 * @internal
 */
export function requireAssetName(scope: Construct, what: string, value: string): void {
  requirePattern(
    scope,
    what,
    value,
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/,
    '1 to 255 letters, digits, "-" and "_", starting with a letter or digit',
  );
}

/**
 * Requires that an asset's version is valid in an ARM id.
 * @internal
 */
export function requireAssetVersion(scope: Construct, what: string, value: string): void {
  requirePattern(
    scope,
    what,
    value,
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/,
    '1 to 255 letters, digits, "-", "_" and ".", starting with a letter or digit',
  );
}
