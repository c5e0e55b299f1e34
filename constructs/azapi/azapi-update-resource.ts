import { TerraformResource, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { AZAPI_METADATA } from './azapi-provider';
import { requireKnownProps } from '../validation/construct-error';

/** Properties of a resource of Azure that something else has made. */
export interface AzapiUpdateResourceConfig extends TerraformMetaArguments {
  /** `<kind>@<version of its API>`. */
  readonly type: string;
  /** The ARM id of what is updated. */
  readonly resourceId: string;
  /** The properties that are set; all others stay. */
  readonly body: Record<string, unknown>;
  /**
   * Properties that are kept out of plan and state; references to sensitive values only. Terraform 1.11 or later.
   * @default - nothing
   */
  readonly sensitiveBody?: Record<string, unknown> | undefined;
  /**
   * Paths of the answer that `outputString` can read.
   * @default - none
   */
  readonly responseExportValues?: string[] | undefined;
}

const AZAPI_UPDATE_RESOURCE_CONFIG: KnownKeys<AzapiUpdateResourceConfig> = {
  count: true,
  dependsOn: true,
  forEach: true,
  connection: true,
  lifecycle: true,
  provider: true,
  provisioners: true,
  type: true,
  resourceId: true,
  body: true,
  sensitiveBody: true,
  responseExportValues: true,
};

/**
 * Some properties of a resource that something else manages (`azapi_update_resource`). Destroying it changes nothing:
 * the properties stay as they are.
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

  /** The ARM id of what is updated. */
  get id(): string {
    return this.getStringAttribute('id');
  }

  /** A value of the answer, by a path among `responseExportValues`. */
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
