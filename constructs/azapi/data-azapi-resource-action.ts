import { TerraformDataSource, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { AZAPI_METADATA } from './azapi-provider';
import { META_ARGUMENTS } from '../terraform/meta-arguments';
import { requireKnownProps } from '../validation/construct-error';

/** Request to an Azure resource, sent at every refresh. */
export interface DataAzapiResourceActionConfig extends TerraformMetaArguments {
  /** `<resource type>@<API version>`. */
  readonly type: string;
  /** ARM id of the target resource. */
  readonly resourceId: string;
  /** Name of the action, such as `listKeys`. */
  readonly action: string;
  /**
   * `POST` or `GET`.
   * @default 'POST'
   */
  readonly method?: string | undefined;
  /**
   * Paths of the response that `sensitiveOutputString` can read.
   * @default - none
   */
  readonly sensitiveResponseExportValues?: string[] | undefined;
}

const DATA_AZAPI_RESOURCE_ACTION_CONFIG: KnownKeys<DataAzapiResourceActionConfig> = {
  ...META_ARGUMENTS,
  type: true,
  resourceId: true,
  action: true,
  method: true,
  sensitiveResponseExportValues: true,
};

/** A read-only request, sent whenever Terraform reads the data source (`azapi_resource_action`). */
export class DataAzapiResourceAction extends TerraformDataSource {
  static readonly tfResourceType = 'azapi_resource_action';

  private readonly config: DataAzapiResourceActionConfig;

  constructor(scope: Construct, id: string, config: DataAzapiResourceActionConfig) {
    super(scope, id, {
      ...config,
      terraformResourceType: DataAzapiResourceAction.tfResourceType,
      terraformGeneratorMetadata: AZAPI_METADATA,
    });
    requireKnownProps(this, config, DATA_AZAPI_RESOURCE_ACTION_CONFIG);
    this.config = config;
  }

  /** Returns a sensitive value of the response. The path must be one of `sensitiveResponseExportValues`. */
  sensitiveOutputString(path: string): string {
    return this.getStringAttribute(`sensitive_output.${path}`);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { type, resourceId, action, method, sensitiveResponseExportValues } = this.config;
    return {
      type,
      resource_id: resourceId,
      action,
      method,
      sensitive_response_export_values: sensitiveResponseExportValues,
    };
  }
}
