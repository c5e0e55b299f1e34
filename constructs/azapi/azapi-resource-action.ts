import { TerraformResource, type TerraformMetaArguments } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { AZAPI_METADATA } from './azapi-provider';
import { bodyWithTags } from './azapi-resource';
import { META_ARGUMENTS } from '../terraform/meta-arguments';
import { requireKnownProps } from '../validation/construct-error';

/** Request to an Azure resource, sent when the action is created. */
export interface AzapiResourceActionConfig extends TerraformMetaArguments {
  /** `<resource type>@<API version>`. */
  readonly type: string;
  /** ARM id of the target resource. Changing it replaces the action. */
  readonly resourceId: string;
  /**
   * Name of the action, such as `listKeys`.
   * @default - the request is sent to the resource itself
   */
  readonly action?: string | undefined;
  /**
   * `POST`, `PATCH`, `PUT` or `DELETE`.
   * @default 'POST'
   */
  readonly method?: string | undefined;
  /** @default - no body */
  readonly body?: Record<string, unknown> | undefined;
  /**
   * Tags of the resource that a `PUT` writes, for resource types with tags in the body's `properties.tags`.
   * @default - none; Aspects that set tags have no effect
   */
  readonly tagsInProperties?: Record<string, string> | undefined;
  /**
   * When the request is sent: `apply` or `destroy`.
   * @default 'apply'
   */
  readonly when?: string | undefined;
  /**
   * Paths of the response that `outputString` can read. They are not sensitive: the plan and the state show them.
   * @default - none
   */
  readonly responseExportValues?: string[] | undefined;
  /**
   * Paths of the response that `sensitiveOutputString` can read.
   * @default - none
   */
  readonly sensitiveResponseExportValues?: string[] | undefined;
}

const AZAPI_RESOURCE_ACTION_CONFIG: KnownKeys<AzapiResourceActionConfig> = {
  ...META_ARGUMENTS,
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
 * A request to a resource (`azapi_resource_action`), sent once when the action is created and again when it is replaced.
 * Destroying it sends no request unless `when` is `destroy`.
 */
export class AzapiResourceAction extends TerraformResource {
  static readonly tfResourceType = 'azapi_resource_action';

  /** Tags to send if `tagsInProperties` is set. An Aspect may change them. */
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

  /** Current tags. Aspects written for the generated bindings read this property. */
  get tagsInput(): Record<string, string> | undefined {
    return this.tags;
  }

  /** ARM id of the target resource. */
  get id(): string {
    return this.getStringAttribute('id');
  }

  /** Returns a value of the response. The path must be one of `responseExportValues`. */
  outputString(path: string): string {
    return this.getStringAttribute(`output.${path}`);
  }

  /** Returns a sensitive value of the response. The path must be one of `sensitiveResponseExportValues`. */
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
