/**
 * The parts of an ARM id.
 *
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export interface ResourceId {
  readonly text: string;
  /** The id before the last `/providers/`: a subscription, a resource group, or the resource that an extension extends. */
  readonly scope: string;
  /** The resource provider, such as `Microsoft.Network`. @default - a subscription or a resource group */
  readonly namespace?: string;
  /** Types and names in turn, such as `['virtualNetworks', 'hub', 'subnets', 'scoring']`. */
  readonly segments: readonly string[];
}

const PROVIDERS = '/providers/';

export function parseResourceId(text: string): ResourceId {
  const at = text.toLowerCase().lastIndexOf(PROVIDERS);
  if (at < 0) {
    return { text, scope: text, segments: [] };
  }
  const [namespace, ...segments] = text.slice(at + PROVIDERS.length).split('/');
  return { text, scope: text.slice(0, at), namespace, segments };
}

/** The resource type, such as `Microsoft.Network/virtualNetworks/subnets`. */
export function resourceType({ namespace, segments, text }: ResourceId): string {
  if (namespace === undefined) {
    return /\/resourcegroups\//i.test(text)
      ? 'Microsoft.Resources/resourceGroups'
      : 'Microsoft.Resources/subscriptions';
  }
  return [namespace, ...segments.filter((_, index) => index % 2 === 0)].join('/');
}

/** The id of the resource that contains this one: its parent, or its resource group. */
export function parentId({ scope, namespace, segments }: ResourceId): string {
  return namespace !== undefined && segments.length > 2
    ? `${scope}${PROVIDERS}${[namespace, ...segments.slice(0, -2)].join('/')}`
    : scope;
}

/** The last part of an id. */
export function resourceName(text: string): string {
  return text.slice(text.lastIndexOf('/') + 1);
}

/** The id of the resource group that a resource is in; `undefined` for one that is in none. */
export function resourceGroupId(text: string): string | undefined {
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i.exec(text)?.[0];
}

export function subscriptionId(text: string): string {
  return text.split('/')[2] ?? '';
}
