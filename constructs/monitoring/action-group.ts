import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { MonitorActionGroup } from '../bindings/azurerm';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requirePattern } from '../validation/synth-value';

/** Whom to notify. */
export interface ActionGroupProps {
  readonly resourceGroupName: string;
  /**
   * 4 to 44 letters, digits and hyphens.
   * @default - derived from the construct's path
   */
  readonly name?: string | undefined;
  /**
   * Name in text messages and emails, at most 12 characters.
   * @default 'Scoring'
   */
  readonly shortName?: string | undefined;
  /**
   * Email addresses to notify.
   * @default - none
   */
  readonly emails?: string[] | undefined;
  /**
   * HTTPS addresses that receive alerts in the common alert schema of Azure Monitor.
   * @default - none
   */
  readonly webhooks?: string[] | undefined;
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
  /**
   * azurerm provider to use, if the stack has several.
   * @default - the one without an alias
   */
  readonly provider?: TerraformProvider | undefined;
}

const ACTION_GROUP_PROPS: KnownKeys<ActionGroupProps> = {
  resourceGroupName: true,
  name: true,
  shortName: true,
  emails: true,
  webhooks: true,
  tags: true,
  provider: true,
};

/** An action group of Azure Monitor: the people and systems that alerts notify. */
export class ActionGroup extends Construct {
  readonly resource: MonitorActionGroup;

  constructor(scope: Construct, id: string, props: ActionGroupProps) {
    super(scope, id);
    requireKnownProps(this, props, ACTION_GROUP_PROPS);
    requireProvidersInStack(this);
    const { resourceGroupName, shortName = 'Scoring', emails = [], webhooks = [], tags, provider } = props;
    if (emails.length === 0 && webhooks.length === 0) {
      throw new ConstructError(this, 'it notifies nobody; set emails or webhooks');
    }
    requirePattern(this, 'shortName', shortName, /^.{1,12}$/, '1 to 12 characters');
    for (const [index, email] of emails.entries()) {
      requirePattern(this, `emails[${index}]`, email, /^[^\s@]+@[^\s@]+$/, 'an email address');
    }
    for (const [index, uri] of webhooks.entries()) {
      requirePattern(
        this,
        `webhooks[${index}]`,
        uri,
        /^https:\/\/\S+$/,
        'an address that starts with https://',
      );
    }
    const common = (index: number, kind: string) => ({
      name: `${kind}-${index + 1}`,
      useCommonAlertSchema: true,
    });
    this.resource = new MonitorActionGroup(this, 'Resource', {
      name: azureName(this, AZURE_NAMES.actionGroup, props.name),
      resourceGroupName,
      shortName,
      emailReceiver: emails.map((emailAddress, index) => ({ ...common(index, 'email'), emailAddress })),
      webhookReceiver: webhooks.map((serviceUri, index) => ({ ...common(index, 'webhook'), serviceUri })),
      tags,
      provider,
    });
    this.node.defaultChild = this.resource;
  }

  /** ARM id. */
  get id(): string {
    return this.resource.id;
  }

  get name(): string {
    return this.resource.name;
  }
}
