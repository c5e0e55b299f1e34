import { TerraformResource, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { bodyWithTags } from './azapi-body';
import { AZAPI_METADATA } from './azapi-provider';
import { requireKnownProps } from '../validation/construct-error';

/** A call to a resource of Azure, made when it is created. */
export interface AzapiResourceActionConfig extends TerraformMetaArguments {
  /** `<kind>@<version of its API>`. */
  readonly type: string;
  /** The ARM id of what is acted upon. Another one is another action. */
  readonly resourceId: string;
  /**
   * `listKeys`, for example.
   * @default - the request goes to the resource itself
   */
  readonly action?: string | undefined;
  /**
   * `POST`, `PATCH`, `PUT` or `DELETE`.
   * @default 'POST'
   */
  readonly method?: string | undefined;
  /** @default - nothing is sent */
  readonly body?: Record<string, unknown> | undefined;
  /**
   * Tags of what a `PUT` writes, for kinds that have them in the body's `properties.tags`.
   * @default - the body is sent as it is, and Aspects that set tags change nothing
   */
  readonly tagsInProperties?: Record<string, string> | undefined;
  /**
   * `apply` or `destroy`: when it is done.
   * @default 'apply'
   */
  readonly when?: string | undefined;
  /**
   * Paths of the answer that `outputString` can read. They are in the plan and the state for all to see.
   * @default - none
   */
  readonly responseExportValues?: string[] | undefined;
  /**
   * Paths of the answer that `sensitiveOutputString` can read.
   * @default - none
   */
  readonly sensitiveResponseExportValues?: string[] | undefined;
}

const AZAPI_RESOURCE_ACTION_CONFIG: KnownKeys<AzapiResourceActionConfig> = {
  count: true,
  dependsOn: true,
  forEach: true,
  connection: true,
  lifecycle: true,
  provider: true,
  provisioners: true,
  type: true,
  resourceId: true,
  action: true,
  method: true,
  body: true,
  tagsInProperties: true,
  when: true,
  responseExportValues: true,
  sensitiveResponseExportValues: true,
};

/**
 * A request to a resource, made once (`azapi_resource_action`): when this is created, and again when it is replaced.
 * Destroying it requests nothing, unless `when` says so.
 */
export class AzapiResourceAction extends TerraformResource {
  static readonly tfResourceType = 'azapi_resource_action';

  /** Tags, as they will be sent where `tagsInProperties` was set; an Aspect may set them. */
  tags?: Record<string, string> | undefined;
  private readonly config: AzapiResourceActionConfig;

  constructor(scope: Construct, id: string, config: AzapiResourceActionConfig) {
    super(scope, id, {
      ...config,
      terraformResourceType: AzapiResourceAction.tfResourceType,
      terraformGeneratorMetadata: AZAPI_METADATA,
    });
    requireKnownProps(this, config, AZAPI_RESOURCE_ACTION_CONFIG);
    this.config = config;
    this.tags = config.tagsInProperties;
  }

  /** The tags that are set: what Aspects for the generated bindings read. */
  get tagsInput(): Record<string, string> | undefined {
    return this.tags;
  }

  /** The ARM id of what is acted upon. */
  get id(): string {
    return this.getStringAttribute('id');
  }

  /** A value of the answer, by a path among `responseExportValues`. */
  outputString(path: string): string {
    return this.getStringAttribute(`output.${path}`);
  }

  /** A sensitive value of the answer, by a path among `sensitiveResponseExportValues`. */
  sensitiveOutputString(path: string): string {
    return this.getStringAttribute(`sensitive_output.${path}`);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const { type, resourceId, action, method, body, when, tagsInProperties } = this.config;
    return {
      type,
      resource_id: resourceId,
      action,
      method,
      body: tagsInProperties ? bodyWithTags(body, this.tags) : body,
      when,
      response_export_values: this.config.responseExportValues,
      sensitive_response_export_values: this.config.sensitiveResponseExportValues,
    };
  }
}
