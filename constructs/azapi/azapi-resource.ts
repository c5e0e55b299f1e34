import { Token, TerraformResource, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { AZAPI_METADATA } from './azapi-provider';
import { META_ARGUMENTS } from '../terraform/meta-arguments';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { requireKnownProps } from '../validation/construct-error';

/** The managed identity of a resource. */
export interface AzapiIdentity {
  /** `SystemAssigned`, `UserAssigned`, `SystemAssigned, UserAssigned` or `None`. */
  readonly type: string;
  /** @default - no user-assigned identities */
  readonly identityIds?: string[] | undefined;
}

/** Azure resource of a type that `azurerm` does not support. */
export interface AzapiResourceConfig extends TerraformMetaArguments {
  /** `Microsoft.MachineLearningServices/workspaces/models@2025-06-01`: the resource type and its API version. */
  readonly type: string;
  /** Name of the resource. Changing it replaces the resource. */
  readonly name: string;
  /** ARM id of the parent. Changing it replaces the resource. */
  readonly parentId: string;
  /** @default - that of the parent, if the resource type has a location */
  readonly location?: string | undefined;
  /**
   * Request body as in the Azure REST API reference: an object, not JSON text. For secrets, use `sensitiveBody`.
   * @default - none
   */
  readonly body?: Record<string, unknown> | undefined;
  /**
   * Properties that are merged into the body and are not stored in the plan or the state. Use only references to sensitive
   * values: literals are part of the synthesized JSON. Requires Terraform 1.11 or later.
   * @default - none
   */
  readonly sensitiveBody?: Record<string, unknown> | undefined;
  /**
   * Version of each path of the sensitive body. Changing a version sends that property again.
   * @default - the sensitive body is sent on every update
   */
  readonly sensitiveBodyVersion?: Record<string, string> | undefined;
  /** @default - none */
  readonly identity?: AzapiIdentity | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
  /**
   * Whether the resource type has tags in the body's `properties.tags` instead of Azure Resource Manager tags, like the
   * assets of a machine learning workspace.
   * @default false
   */
  readonly tagsInProperties?: boolean | undefined;
  /**
   * Whether the resource type has tags. If not, tags that an Aspect sets on every resource are ignored.
   * @default true
   */
  readonly supportsTags?: boolean | undefined;
  /**
   * Paths of the response that `outputString` can read: `properties.loginServer`.
   * @default - none
   */
  readonly responseExportValues?: string[] | undefined;
  /**
   * Whether the provider validates the body against its embedded schema.
   * @default true
   */
  readonly schemaValidationEnabled?: boolean | undefined;
}

const AZAPI_RESOURCE_CONFIG: KnownKeys<AzapiResourceConfig> = {
  ...META_ARGUMENTS,
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
  supportsTags: true,
  responseExportValues: true,
  schemaValidationEnabled: true,
};

/**
 * An Azure resource of a type that `azurerm` does not support (`azapi_resource`). Use `addOverride` to set arguments
 * that have no prop.
 */
export class AzapiResource extends TerraformResource {
  static readonly tfResourceType = 'azapi_resource';

  /** Tags to send. An Aspect may change them. */
  tags?: Record<string, string> | undefined;
  private readonly config: AzapiResourceConfig;

  constructor(scope: Construct, id: string, config: AzapiResourceConfig) {
    super(scope, id, {
      ...config,
      terraformResourceType: AzapiResource.tfResourceType,
      terraformGeneratorMetadata: AZAPI_METADATA,
    });
    requireKnownProps(this, config, AZAPI_RESOURCE_CONFIG);
    requireProvidersInStack(this);
    this.config = config;
    this.tags = config.tags;
  }

  /** Current tags. Aspects written for the generated bindings read this property. */
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

  /** ARM id of the parent. */
  get parentId(): string {
    return this.getStringAttribute('parent_id');
  }

  /** `<resource type>@<API version>`. */
  get type(): string {
    return this.config.type;
  }

  /** Principal id of the system-assigned identity, if any. */
  get principalId(): string {
    return Token.asString(this.interpolationForAttribute('identity[0].principal_id'));
  }

  /** Returns a value of the response. The path must be one of `responseExportValues`. */
  outputString(path: string): string {
    return this.getStringAttribute(`output.${path}`);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { type, name, parentId, location, body, sensitiveBody, identity } = this.config;
    const { tagsInProperties = false, supportsTags = true } = this.config;
    return {
      type,
      name,
      parent_id: parentId,
      location,
      body: tagsInProperties ? bodyWithTags(body, this.tags) : body,
      sensitive_body: sensitiveBody,
      sensitive_body_version: this.config.sensitiveBodyVersion,
      identity: identity && [{ type: identity.type, identity_ids: identity.identityIds }],
      tags: tagsInProperties || !supportsTags ? undefined : this.tags,
      response_export_values: this.config.responseExportValues,
      schema_validation_enabled: this.config.schemaValidationEnabled,
    };
  }
}

/**
 * Adds tags, if any, to the properties of a body.
 * @internal
 */
export function bodyWithTags(
  body: Record<string, unknown> = {},
  tags: Record<string, string> = {},
): Record<string, unknown> {
  const { properties } = body;
  return Object.keys(tags).length === 0
    ? body
    : { ...body, properties: { ...(properties as object | undefined), tags } };
}
