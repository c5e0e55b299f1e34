import { TerraformResource, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { AZAPI_METADATA } from './azapi-provider';
import { META_ARGUMENTS } from '../terraform/meta-arguments';
import { requireKnownProps } from '../validation/construct-error';

/** Properties to set on an Azure resource that is managed elsewhere. */
export interface AzapiUpdateResourceConfig extends TerraformMetaArguments {
  /** `<resource type>@<API version>`. */
  readonly type: string;
  /** ARM id of the updated resource. */
  readonly resourceId: string;
  /** Properties to set. All others are unchanged. */
  readonly body: Record<string, unknown>;
  /**
   * Properties that are not stored in the plan or the state. Use only references to sensitive values. Requires Terraform
   * 1.11 or later.
   * @default - none
   */
  readonly sensitiveBody?: Record<string, unknown> | undefined;
  /**
   * Paths of the response that `outputString` can read.
   * @default - none
   */
  readonly responseExportValues?: string[] | undefined;
}

const AZAPI_UPDATE_RESOURCE_CONFIG: KnownKeys<AzapiUpdateResourceConfig> = {
  ...META_ARGUMENTS,
  type: true,
  resourceId: true,
  body: true,
  sensitiveBody: true,
  responseExportValues: true,
};

/**
 * Sets some properties of a resource that is managed elsewhere (`azapi_update_resource`). Destroying it does not revert
 * them.
 */
export class AzapiUpdateResource extends TerraformResource {
  static readonly tfResourceType = 'azapi_update_resource';

  private readonly config: AzapiUpdateResourceConfig;

  constructor(scope: Construct, id: string, config: AzapiUpdateResourceConfig) {
    super(scope, id, {
      ...config,
      terraformResourceType: AzapiUpdateResource.tfResourceType,
      terraformGeneratorMetadata: AZAPI_METADATA,
    });
    requireKnownProps(this, config, AZAPI_UPDATE_RESOURCE_CONFIG);
    this.config = config;
  }

  /** ARM id of the updated resource. */
  get id(): string {
    return this.getStringAttribute('id');
  }

  /** Returns a value of the response. The path must be one of `responseExportValues`. */
  outputString(path: string): string {
    return this.getStringAttribute(`output.${path}`);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { type, resourceId, body, sensitiveBody, responseExportValues } = this.config;
    return {
      type,
      resource_id: resourceId,
      body,
      sensitive_body: sensitiveBody,
      response_export_values: responseExportValues,
    };
  }
}
