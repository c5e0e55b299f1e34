import { TerraformDataSource, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { AZAPI_METADATA } from './azapi-provider';
import { META_ARGUMENTS } from '../terraform/meta-arguments';
import { requireKnownProps } from '../validation/construct-error';

/** Azure resource to read. */
export interface DataAzapiResourceConfig extends TerraformMetaArguments {
  /** `<resource type>@<API version>`. */
  readonly type: string;
  /** The ARM id. */
  readonly resourceId: string;
  /**
   * Paths of the response that `outputString` can read.
   * @default - none
   */
  readonly responseExportValues?: string[] | undefined;
}

const DATA_AZAPI_RESOURCE_CONFIG: KnownKeys<DataAzapiResourceConfig> = {
  ...META_ARGUMENTS,
  type: true,
  resourceId: true,
  responseExportValues: true,
};

/** An existing Azure resource (the data source `azapi_resource`). */
export class DataAzapiResource extends TerraformDataSource {
  static readonly tfResourceType = 'azapi_resource';

  private readonly config: DataAzapiResourceConfig;

  constructor(scope: Construct, id: string, config: DataAzapiResourceConfig) {
    super(scope, id, {
      ...config,
      terraformResourceType: DataAzapiResource.tfResourceType,
      terraformGeneratorMetadata: AZAPI_METADATA,
    });
    requireKnownProps(this, config, DATA_AZAPI_RESOURCE_CONFIG);
    this.config = config;
  }

  /** The ARM id. */
  get id(): string {
    return this.getStringAttribute('id');
  }

  get location(): string {
    return this.getStringAttribute('location');
  }

  /** Returns a value of the response. The path must be one of `responseExportValues`. */
  outputString(path: string): string {
    return this.getStringAttribute(`output.${path}`);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { type, resourceId, responseExportValues } = this.config;
    return { type, resource_id: resourceId, response_export_values: responseExportValues };
  }
}
