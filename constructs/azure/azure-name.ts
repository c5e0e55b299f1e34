import { Fn, Token, type TerraformProvider } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';

import { ConstructError } from '../validation/construct-error';
import { conventionalName } from './azure-naming';
import { clientConfig } from './client-config';
import { derivedName, HASH_LENGTH, withSuffix, type DerivedNameRule } from './derived-name';

/** Naming rule of a resource type. */
export interface AzureNameRule {
  /** Resource type, for messages. */
  readonly kind: string;
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern: RegExp;
  /** Description of the pattern, for messages. */
  readonly expected: string;
  /** Separator between the words of a derived name. */
  readonly separator: '-' | '_' | '';
  /** Abbreviation of the resource type, with which names by `AzureNaming` start. @default - they do not apply to this type */
  readonly abbreviation?: string | undefined;
  /** Whether a workload has only one, so that its name by `AzureNaming` needs no part of the construct path. @default false */
  readonly perWorkload?: boolean | undefined;
}

export interface GlobalNameOptions {
  /** Name that the user set. */
  readonly given?: string | undefined;
  /** Prop that sets the name. */
  readonly property?: string | undefined;
  /** azurerm provider of the subscription. */
  readonly provider?: TerraformProvider | undefined;
}

/** Azure Monitor workspaces, data collection endpoints and rules, alerts and action groups: what all of them allow. */
const MONITORING = {
  kind: 'a resource of Azure Monitor',
  minLength: 4,
  maxLength: 44,
  pattern: /^[A-Za-z0-9][A-Za-z0-9-]{2,42}[A-Za-z0-9]$/,
  expected: '4 to 44 letters, digits and "-", starting and ending with a letter or digit',
  separator: '-',
} as const satisfies AzureNameRule;

const NETWORK = {
  kind: 'a network resource',
  minLength: 1,
  maxLength: 80,
  pattern: /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$/,
  expected:
    '1 to 80 letters, digits, "_", "." and "-", starting with a letter or digit, ending with those or "_"',
  separator: '-',
} as const satisfies AzureNameRule;

/**
 * Naming rules of Azure. Derived names are lowercase, which all of them allow.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 * @see https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/resource-abbreviations
 * @internal
 */
export const AZURE_NAMES = {
  resourceGroup: {
    kind: 'a resource group',
    minLength: 1,
    maxLength: 90,
    pattern: /^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$/,
    expected: '1 to 90 letters, digits, "_", "-", "(", ")" and ".", not ending with "."',
    separator: '-',
    abbreviation: 'rg',
    perWorkload: true,
  },
  workspace: {
    kind: 'a machine learning workspace',
    minLength: 3,
    maxLength: 33,
    pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{2,32}$/,
    expected: '3 to 33 letters, digits, "-" and "_", starting with a letter or digit',
    separator: '-',
    abbreviation: 'mlw',
    perWorkload: true,
  },
  storageAccount: {
    kind: 'a storage account',
    minLength: 3,
    maxLength: 24,
    pattern: /^[a-z0-9]{3,24}$/,
    expected: '3 to 24 lowercase letters and digits',
    separator: '',
    abbreviation: 'st',
    perWorkload: true,
  },
  storageContainer: {
    kind: 'a storage container',
    minLength: 3,
    maxLength: 63,
    pattern: /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    expected: '3 to 63 lowercase letters, digits and single "-", starting and ending with a letter or digit',
    separator: '-',
  },
  datastore: {
    kind: 'a datastore',
    minLength: 1,
    maxLength: 255,
    pattern: /^[a-z0-9][a-z0-9_]{0,254}$/,
    expected: '1 to 255 lowercase letters, digits and "_", starting with a letter or digit',
    separator: '_',
  },
  keyVault: {
    kind: 'a key vault',
    minLength: 3,
    maxLength: 24,
    pattern: /^(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
    expected:
      '3 to 24 letters, digits and single "-", starting with a letter and ending with a letter or digit',
    separator: '-',
    abbreviation: 'kv',
    perWorkload: true,
  },
  containerRegistry: {
    kind: 'a container registry',
    minLength: 5,
    maxLength: 50,
    pattern: /^[A-Za-z0-9]{5,50}$/,
    expected: '5 to 50 letters and digits',
    separator: '',
    abbreviation: 'cr',
    perWorkload: true,
  },
  containerRegistryTask: {
    kind: 'a container registry task',
    minLength: 5,
    maxLength: 50,
    pattern: /^[A-Za-z0-9_-]{5,50}$/,
    expected: '5 to 50 letters, digits, "-" and "_"',
    separator: '-',
  },
  managedIdentity: {
    kind: 'a managed identity',
    minLength: 3,
    maxLength: 128,
    pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/,
    expected: '3 to 128 letters, digits, "-" and "_", starting with a letter or digit',
    separator: '-',
    abbreviation: 'id',
  },
  logAnalyticsWorkspace: {
    kind: 'a Log Analytics workspace',
    minLength: 4,
    maxLength: 63,
    pattern: /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
    expected: '4 to 63 letters, digits and "-", starting and ending with a letter or digit',
    separator: '-',
    abbreviation: 'log',
    perWorkload: true,
  },
  containerApp: {
    kind: 'a container app',
    minLength: 2,
    maxLength: 32,
    pattern: /^(?!.*--)[a-z][a-z0-9-]*[a-z0-9]$/,
    expected:
      '2 to 32 lowercase letters, digits and single "-", starting with a letter and ending with a letter or digit',
    separator: '-',
    abbreviation: 'ca',
  },
  containerAppsEnvironment: {
    kind: 'a Container Apps environment',
    minLength: 2,
    maxLength: 60,
    pattern: /^[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$/,
    expected: '2 to 60 letters, digits and "-", starting with a letter and ending with a letter or digit',
    separator: '-',
    abbreviation: 'cae',
    perWorkload: true,
  },
  monitoring: MONITORING,
  actionGroup: { ...MONITORING, abbreviation: 'ag' },
  dataCollectionEndpoint: { ...MONITORING, abbreviation: 'dce' },
  dataCollectionRule: { ...MONITORING, abbreviation: 'dcr' },
  applicationInsights: {
    kind: 'Application Insights',
    minLength: 1,
    maxLength: 260,
    pattern: /^[^%&\\?/]{0,259}[^%&\\?/. ]$/,
    expected: '1 to 260 characters without %, &, \\, ? and /, not ending with a space or a "."',
    separator: '-',
    abbreviation: 'appi',
    perWorkload: true,
  },
  kubernetesCluster: {
    kind: 'a Kubernetes cluster',
    minLength: 1,
    maxLength: 63,
    pattern: /^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/,
    expected: '1 to 63 letters, digits, "-" and "_", starting and ending with a letter or digit',
    separator: '-',
    abbreviation: 'aks',
    perWorkload: true,
  },
  /** Linux node pools. */
  nodePool: {
    kind: 'a node pool',
    minLength: 1,
    maxLength: 12,
    pattern: /^[a-z][a-z0-9]{0,11}$/,
    expected: '1 to 12 lowercase letters and digits, starting with a letter',
    separator: '',
  },
  virtualMachineScaleSet: {
    kind: 'a virtual machine scale set',
    minLength: 1,
    maxLength: 64,
    pattern: /^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/,
    expected: '1 to 64 letters, digits and "-", starting and ending with a letter or digit',
    separator: '-',
    abbreviation: 'vmss',
  },
  network: NETWORK,
  externalLoadBalancer: { ...NETWORK, abbreviation: 'lbe' },
  internalLoadBalancer: { ...NETWORK, abbreviation: 'lbi' },
  natGateway: { ...NETWORK, abbreviation: 'ng' },
  networkSecurityGroup: { ...NETWORK, abbreviation: 'nsg' },
  privateEndpoint: { ...NETWORK, maxLength: 64, abbreviation: 'pep' },
  publicIpAddress: { ...NETWORK, abbreviation: 'pip' },
  routeTable: { ...NETWORK, abbreviation: 'rt' },
  subnet: { ...NETWORK, abbreviation: 'snet' },
  virtualNetwork: { ...NETWORK, maxLength: 64, abbreviation: 'vnet' },
} as const satisfies Record<string, AzureNameRule>;

/**
 * Returns the validated name that the user set, or one by the scope's `AzureNaming`, or one derived from the construct path. It
 * is the same at every synth.
 * @throws ConstructError if the name is invalid
 * @internal
 */
export function azureName(scope: IConstruct, rule: AzureNameRule, given?: string, property = 'name'): string {
  if (given !== undefined) {
    requireAzureName(scope, property, rule, given);
    return given;
  }
  const { minLength, pattern } = rule;
  return (
    conventionalName(scope, rule) ??
    derivedName(scope.node.path, ruleOf(rule), (name) => name.length >= minLength && pattern.test(name))
  );
}

/**
 * Like `azureName`, for resources whose names are unique across Azure. A derived name ends with eight digits that
 * Terraform computes from the subscription and the construct path, like `uniqueString` in ARM templates, so the same
 * stack can be deployed to several subscriptions.
 * @internal
 */
export function globalAzureName(
  scope: Construct,
  rule: AzureNameRule,
  { given, property = 'name', provider }: GlobalNameOptions = {},
): string {
  if (given !== undefined) {
    return azureName(scope, rule, given, property);
  }
  const conventional = conventionalName(scope, rule);
  if (conventional !== undefined) {
    return conventional;
  }
  const { path } = scope.node;
  const { subscriptionId } = clientConfig(scope, provider);
  const digits = Token.asString(Fn.substr(Fn.sha256(Fn.join('/', [subscriptionId, path])), 0, HASH_LENGTH));
  return withSuffix(path, ruleOf(rule), digits);
}

/**
 * Validates a name if it is known at synth.
 * @param property Prop that sets the name.
 * @throws ConstructError if the name is invalid
 * @internal
 */
export function requireAzureName(
  scope: IConstruct,
  property: string,
  rule: AzureNameRule,
  value: string,
): void {
  const { minLength, maxLength, pattern, kind, expected } = rule;
  if (
    !Token.isUnresolved(value) &&
    (value.length < minLength || value.length > maxLength || !pattern.test(value))
  ) {
    throw new ConstructError(scope, `${property} is "${value}"; ${kind} has ${expected}`);
  }
}

/** Many resource types require a name that starts with a letter, and all accept one. */
function ruleOf({ maxLength, separator }: AzureNameRule): DerivedNameRule {
  return { maxLength, separator, letterFirst: true };
}

/**
 * Returns the name of a region, such as `westeurope`, which its display name may stand for: `West Europe`. A token stays as it is.
 * @internal
 */
export function regionName(location: string): string {
  return Token.isUnresolved(location) ? location : location.replaceAll(' ', '').toLowerCase();
}
