import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { AzapiResource } from '../azapi/azapi-resource';
import { AzapiResourceAction } from '../azapi/azapi-resource-action';
import { requireUnique } from '../validation/unique';
import { requirePattern } from '../validation/synth-value';
import type { AzureWorkspace } from './workspace-reference';

const API = '2025-06-01';

/** @internal */
export interface WorkspaceAssetProps {
  readonly azure: AzureWorkspace;
  /** `codes`, `environments` or `models`. */
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  /** The version's properties, as Azure's REST reference has them. */
  readonly properties: Record<string, unknown>;
  readonly tags: Record<string, string>;
  /** What Azure looks at when the version is registered. */
  readonly dependsOn: ITerraformDependable[];
}

/**
 * A named asset of a workspace, and a version of it.
 *
 * The asset is a resource and goes when the stack goes. A version is written by a request, once, and never undone: as
 * a resource it would be deleted whenever the next one comes, while a deployment still runs by it.
 */
export class WorkspaceAsset extends Construct {
  readonly asset: AzapiResource;
  readonly version: AzapiResourceAction;
  /** The version's ARM id. */
  readonly versionId: string;

  /** @internal Only what is registered in a workspace declares it. */
  static _declare(scope: Construct, id: string, props: WorkspaceAssetProps): WorkspaceAsset {
    return new WorkspaceAsset(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: WorkspaceAssetProps) {
    super(scope, id);
    const { azure, kind, name, version, properties, tags, dependsOn } = props;
    const type = `Microsoft.MachineLearningServices/workspaces/${kind}`;
    const { azapiProvider: provider } = azure;
    this.asset = new AzapiResource(this, 'Asset', {
      type: `${type}@${API}`,
      name,
      parentId: azure.workspaceId,
      body: { properties: { isArchived: false } },
      tags,
      tagsInProperties: true,
      provider,
    });
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
    const subject = this.node.scope ?? this;
    requireUnique(
      this,
      [kind, name, azure.workspaceId],
      (other) =>
        `"${name}" among the workspace's ${kind} is also declared by ${(other.node.scope ?? other).node.path}, and destroying ` +
        'one would remove the other; give one another name',
      subject,
    );
  }
}

/**
 * Requires an asset's name to be one that Azure ML takes.
 * Source: "Code Versions - Create Or Update" of Azure ML's REST reference.
 * @param what the property
 * @internal
 */
export function requireAssetName(scope: Construct, what: string, value: string): void {
  requirePattern(
    scope,
    what,
    value,
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/,
    '1 to 255 letters, digits, "-" and "_", beginning with a letter or a digit',
  );
}

/**
 * Requires an asset's version to be one that fits into its ARM id.
 * @internal
 */
export function requireAssetVersion(scope: Construct, what: string, value: string): void {
  requirePattern(
    scope,
    what,
    value,
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/,
    '1 to 255 letters, digits, "-", "_" and ".", beginning with a letter or a digit',
  );
}
