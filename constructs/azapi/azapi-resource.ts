import { Token, TerraformResource, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { bodyWithTags } from './azapi-body';
import { AZAPI_METADATA } from './azapi-provider';
import { requireKnownProps } from '../validation/construct-error';

/** The managed identity of a resource. */
export interface AzapiIdentity {
  /** `SystemAssigned`, `UserAssigned`, `SystemAssigned, UserAssigned` or `None`. */
  readonly type: string;
  /** @default - none that are user-assigned */
  readonly identityIds?: string[] | undefined;
}

/** A resource of Azure that `azurerm` does not have. */
export interface AzapiResourceConfig extends TerraformMetaArguments {
  /** `Microsoft.MachineLearningServices/workspaces/models@2025-06-01`: the kind and the version of its API. */
  readonly type: string;
  /** Another name is another resource. */
  readonly name: string;
  /** The ARM id of what it is in. Another parent is another resource. */
  readonly parentId: string;
  /** @default - the kind has none, or its parent's */
  readonly location?: string | undefined;
  /**
   * What is sent, as Azure's REST reference has it: an object, not JSON text. No secret: see `sensitiveBody`.
   * @default - nothing
   */
  readonly body?: Record<string, unknown> | undefined;
  /**
   * What is merged into the body and kept out of plan and state. It may hold references to sensitive values only;
   * whatever is written here as text stands in the synthesized JSON. Terraform 1.11 or later.
   * @default - nothing
   */
  readonly sensitiveBody?: Record<string, unknown> | undefined;
  /**
   * A version for each path of the sensitive body; another one sends that property again.
   * @default - it is sent on every update
   */
  readonly sensitiveBodyVersion?: Record<string, string> | undefined;
  /** @default - none */
  readonly identity?: AzapiIdentity | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
  /**
   * Whether the kind has no tags of Azure Resource Manager but its own, in the body's `properties.tags`, as a
   * machine learning workspace's assets have. Tags are sent there then.
   * @default false
   */
  readonly tagsInProperties?: boolean | undefined;
  /**
   * Paths of the answer that `outputString` can read: `properties.loginServer`.
   * @default - none
   */
  readonly responseExportValues?: string[] | undefined;
  /**
   * Whether the provider checks the body against its own copy of the kind's schema.
   * @default true
   */
  readonly schemaValidationEnabled?: boolean | undefined;
}

const AZAPI_RESOURCE_CONFIG: KnownKeys<AzapiResourceConfig> = {
  count: true,
  dependsOn: true,
  forEach: true,
  connection: true,
  lifecycle: true,
  provider: true,
  provisioners: true,
  type: true,
  name: true,
  parentId: true,
  location: true,
  body: true,
  sensitiveBody: true,
  sensitiveBodyVersion: true,
  identity: { type: true, identityIds: true },
  tags: true,
  tagsInProperties: true,
  responseExportValues: true,
  schemaValidationEnabled: true,
};

/**
 * A resource of Azure Resource Manager that `azurerm` has no type for (`azapi_resource`). Arguments that are not
 * here can be set with `addOverride`.
 */
export class AzapiResource extends TerraformResource {
  static readonly tfResourceType = 'azapi_resource';

  /** Tags, as they will be sent; an Aspect may set them. */
  tags?: Record<string, string> | undefined;
  private readonly config: AzapiResourceConfig;

  constructor(scope: Construct, id: string, config: AzapiResourceConfig) {
    super(scope, id, {
      ...config,
      terraformResourceType: AzapiResource.tfResourceType,
      terraformGeneratorMetadata: AZAPI_METADATA,
    });
    requireKnownProps(this, config, AZAPI_RESOURCE_CONFIG);
    this.config = config;
    this.tags = config.tags;
  }

  /** The tags that are set: what Aspects for the generated bindings read. */
  get tagsInput(): Record<string, string> | undefined {
    return this.tags;
  }

  /** The ARM id. */
  get id(): string {
    return this.getStringAttribute('id');
  }

  get name(): string {
    return this.getStringAttribute('name');
  }

  /** The ARM id of what it is in. */
  get parentId(): string {
    return this.getStringAttribute('parent_id');
  }

  /** `<kind>@<version of its API>`. */
  get type(): string {
    return this.config.type;
  }

  /** The system-assigned identity's principal, where it has one. */
  get principalId(): string {
    return Token.asString(this.interpolationForAttribute('identity[0].principal_id'));
  }

  /** A value of the answer, by a path among `responseExportValues`. */
  outputString(path: string): string {
    return this.getStringAttribute(`output.${path}`);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { type, name, parentId, location, body, sensitiveBody, identity, tagsInProperties } = this.config;
    return {
      type,
      name,
      parent_id: parentId,
      location,
      body: tagsInProperties ? bodyWithTags(body, this.tags) : body,
      sensitive_body: sensitiveBody,
      sensitive_body_version: this.config.sensitiveBodyVersion,
      identity: identity && [{ type: identity.type, identity_ids: identity.identityIds }],
      tags: tagsInProperties ? undefined : this.tags,
      response_export_values: this.config.responseExportValues,
      schema_validation_enabled: this.config.schemaValidationEnabled,
    };
  }
}
