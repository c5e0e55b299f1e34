import { Construct } from 'constructs';

import { AzapiResource } from '../azapi/azapi-resource';
import { AzapiResourceAction } from '../azapi/azapi-resource-action';
import type { AzureWorkspace } from './workspace';
import type { ITerraformDependable } from 'cdktf';

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

  private readonly identity: string;

  /** @internal Only what is registered in a workspace declares it. */
  static _declare(scope: Construct, id: string, props: WorkspaceAssetProps): WorkspaceAsset {
    return new WorkspaceAsset(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: WorkspaceAssetProps) {
    super(scope, id);
    const { azure, kind, name, version, properties, tags, dependsOn } = props;
    const type = `Microsoft.MachineLearningServices/workspaces/${kind}`;
    const meta = { ...(azure.azapiProvider && { provider: azure.azapiProvider }) };
    this.identity = `${azure.workspaceId}/${kind}/${name}`;
    this.asset = new AzapiResource(this, 'Asset', {
      type: `${type}@${API}`,
      name,
      parentId: azure.workspaceId,
      body: { properties: { isArchived: false } },
      tags,
      tagsInProperties: true,
      ...meta,
    });
    this.versionId = `${this.asset.id}/versions/${version}`;
    this.version = new AzapiResourceAction(this, 'Version', {
      type: `${type}/versions@${API}`,
      resourceId: this.versionId,
      method: 'PUT',
      body: { properties: { ...properties, isAnonymous: false, isArchived: false } },
      tagsInProperties: tags,
      dependsOn,
      ...meta,
    });
    this.node.addValidation({ validate: () => this.conflicts(kind, name) });
  }

  private conflicts(kind: string, name: string): string[] {
    return this.node.root.node
      .findAll()
      .filter(
        (other): other is WorkspaceAsset =>
          other instanceof WorkspaceAsset && other !== this && other.identity === this.identity,
      )
      .map(
        (other) =>
          `${this.node.path}: "${name}" among the workspace's ${kind} is also declared by ${other.node.path}, ` +
          'and destroying one would remove the other; give one another name',
      );
  }
}
