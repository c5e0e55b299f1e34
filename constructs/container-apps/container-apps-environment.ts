import type { ITerraformDependable, TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import type { AzureIdentity } from '../azure/azure-resource';
import { ContainerAppEnvironment, LogAnalyticsWorkspace, UserAssignedIdentity } from '../bindings/azurerm';
import { requireProvidersInStack } from '../terraform/stack-providers';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { azurePlacement, type IWorkspace } from '../workspace/workspace-reference';
import type { IContainerAppsEnvironment } from './container-apps-environment-reference';
import { WorkloadProfile } from './workload-profile';

/** Attributes of an existing environment. */
export interface ContainerAppsEnvironmentAttributes {
  /** ARM id. */
  readonly environmentId: string;
  readonly resourceGroupName: string;
  /** Azure region, such as `westeurope`. */
  readonly location: string;
  /** Domain of the names that Azure gives to the apps: `<unique name>.<region>.azurecontainerapps.io`. */
  readonly defaultDomain: string;
  /** `customDomainVerificationId` of the environment. Needed for your own host names. @default - none */
  readonly domainVerificationId?: string | undefined;
  /**
   * Whether the environment is in a virtual network of yours.
   * @default false
   */
  readonly hasNetwork?: boolean | undefined;
  /**
   * Whether only the virtual network reaches the environment.
   * @default false
   */
  readonly isInternal?: boolean | undefined;
  /**
   * User-assigned identity of the environment that may read certificates in key vaults.
   * @default - none; certificates come from elsewhere
   */
  readonly certificateIdentity?: AzureIdentity | undefined;
  /** azurerm provider, if the stack has several. @default - the provider without an alias */
  readonly provider?: TerraformProvider | undefined;
  /** azapi provider, if the stack has several. @default - the provider without an alias */
  readonly azapiProvider?: TerraformProvider | undefined;
}

const ATTRIBUTES: KnownKeys<ContainerAppsEnvironmentAttributes> = {
  environmentId: true,
  resourceGroupName: true,
  location: true,
  defaultDomain: true,
  domainVerificationId: true,
  hasNetwork: true,
  isInternal: true,
  certificateIdentity: true,
  provider: true,
  azapiProvider: true,
};

/** Network, machines and log of an environment. */
export interface ContainerAppsEnvironmentProps {
  /**
   * Workspace that provides the resource group, the location and the Log Analytics workspace.
   * @default - none; set `resourceGroupName` and `location`
   */
  readonly workspace?: IWorkspace | undefined;
  /** @default - that of the workspace */
  readonly resourceGroupName?: string | undefined;
  /** Azure region, such as `westeurope`. @default - that of the workspace */
  readonly location?: string | undefined;
  /** @default - derived from the construct's path */
  readonly environmentName?: string | undefined;
  /** Profiles in addition to `WorkloadProfile.consumption()`. @default - none */
  readonly workloadProfiles?: WorkloadProfile[] | undefined;
  /**
   * ARM id of the subnet of the environment, delegated to `Microsoft.App/environments`, with at least 32 addresses (`/27`). A change
   * replaces the environment and all of its apps.
   * @default - a network of Azure
   */
  readonly subnetId?: string | undefined;
  /**
   * Whether only the virtual network reaches the environment. A change replaces the environment and all of its apps.
   * @default false
   */
  readonly internal?: boolean | undefined;
  /**
   * Whether replicas are spread over the availability zones of the region. Needs `subnetId`. A change replaces the environment.
   * @default - true if `subnetId` and `zones` of the workspace's environment are set, otherwise false
   */
  readonly zoneRedundant?: boolean | undefined;
  /** ARM id of the Log Analytics workspace. @default - that of the workspace, or else a new one */
  readonly logAnalyticsWorkspaceId?: string | undefined;
  /** azurerm provider, if the stack has several. @default - the workspace's, or the provider without an alias */
  readonly provider?: TerraformProvider | undefined;
  /** azapi provider, if the stack has several. @default - the workspace's, or the provider without an alias */
  readonly azapiProvider?: TerraformProvider | undefined;
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
}

const PROPS: KnownKeys<ContainerAppsEnvironmentProps> = {
  workspace: true,
  resourceGroupName: true,
  location: true,
  environmentName: true,
  workloadProfiles: true,
  subnetId: true,
  internal: true,
  zoneRedundant: true,
  logAnalyticsWorkspaceId: true,
  provider: true,
  azapiProvider: true,
  tags: true,
};

/**
 * An environment of Azure Container Apps. Services of several stacks can share it.
 *
 * Azure needs the resource provider `Microsoft.App`: set `resourceProvidersToRegister: ['Microsoft.App']` of `AzurermProvider`.
 *
 * @see https://learn.microsoft.com/azure/container-apps/environment
 */
export class ContainerAppsEnvironment extends Construct implements IContainerAppsEnvironment {
  /** Imports an existing environment. */
  static fromContainerAppsEnvironmentAttributes(
    scope: Construct,
    id: string,
    attributes: ContainerAppsEnvironmentAttributes,
  ): IContainerAppsEnvironment {
    return new ImportedEnvironment(scope, id, attributes);
  }

  readonly resourceGroupName: string;
  readonly location: string;
  readonly hasNetwork: boolean;
  readonly isInternal: boolean;
  readonly workloadProfileNames?: string[] | undefined;
  readonly provider?: TerraformProvider | undefined;
  readonly azapiProvider?: TerraformProvider | undefined;
  readonly environment: ContainerAppEnvironment;
  /** @default - an existing one is used */
  readonly logAnalyticsWorkspace?: LogAnalyticsWorkspace | undefined;
  private readonly tags: Record<string, string> | undefined;
  private readerIdentity: UserAssignedIdentity | undefined;

  constructor(scope: Construct, id: string, props: ContainerAppsEnvironmentProps) {
    super(scope, id);
    requireKnownProps(this, props, PROPS);
    requireProvidersInStack(this);
    const { workspace, subnetId, internal = false, tags } = props;
    const azure = azurePlacement(this, workspace);
    const zones = azure?.environment?.bind(this).zones ?? [];
    const { zoneRedundant = subnetId !== undefined && zones.length > 0 } = props;
    this.resourceGroupName = this.required(
      'resourceGroupName',
      props.resourceGroupName ?? azure?.resourceGroupName,
    );
    this.location = this.required('location', props.location ?? azure?.location);
    this.provider = props.provider ?? azure?.provider;
    this.azapiProvider = props.azapiProvider ?? azure?.azapiProvider;
    this.hasNetwork = subnetId !== undefined;
    this.isInternal = internal;
    this.tags = tags;
    for (const [name, set] of Object.entries({ internal, zoneRedundant })) {
      if (set && subnetId === undefined) {
        throw new ConstructError(
          this,
          `${name} is true, which requires a virtual network; set subnetId to a subnet that is delegated to Microsoft.App/environments`,
        );
      }
    }
    const profiles = [WorkloadProfile.consumption(), ...(props.workloadProfiles ?? [])];
    const names = profiles.map(({ name }) => name);
    this.workloadProfileNames = names;
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new ConstructError(
        this,
        `workloadProfiles contains "${twice}" twice${twice === 'Consumption' ? ', because every environment has it' : ''}; remove one of them`,
      );
    }
    const common = this.common();
    const logs =
      props.logAnalyticsWorkspaceId ??
      azure?.logAnalyticsWorkspaceId ??
      (this.logAnalyticsWorkspace = new LogAnalyticsWorkspace(this, 'LogAnalytics', {
        ...common,
        name: azureName(this, AZURE_NAMES.logAnalyticsWorkspace),
        sku: 'PerGB2018',
        retentionInDays: 30,
      })).id;
    this.environment = new ContainerAppEnvironment(this, 'Environment', {
      ...common,
      name: azureName(this, AZURE_NAMES.containerAppsEnvironment, props.environmentName, 'environmentName'),
      logsDestination: 'log-analytics',
      logAnalyticsWorkspaceId: logs,
      infrastructureSubnetId: subnetId,
      internalLoadBalancerEnabled: subnetId === undefined ? undefined : internal,
      zoneRedundancyEnabled: zoneRedundant || undefined,
      workloadProfile: profiles.map((profile) => ({
        name: profile.name,
        workloadProfileType: profile.type,
        ...profile._counts(this),
      })),
      // In a network of yours, Azure creates a resource group for the infrastructure and names it.
      lifecycle: { ignoreChanges: ['infrastructure_resource_group_name'] },
    });
    this.node.defaultChild = this.environment;
  }

  get environmentId(): string {
    return this.environment.id;
  }

  get defaultDomain(): string {
    return this.environment.defaultDomain;
  }

  get domainVerificationId(): string {
    return this.environment.customDomainVerificationId;
  }

  get dependables(): ITerraformDependable[] {
    return [this.environment];
  }

  certificateIdentity(): AzureIdentity {
    if (!this.readerIdentity) {
      this.readerIdentity = new UserAssignedIdentity(this, 'CertificateIdentity', {
        ...this.common(),
        name: azureName(this, AZURE_NAMES.managedIdentity),
      });
      this.environment.putIdentity({ type: 'UserAssigned', identityIds: [this.readerIdentity.id] });
    }
    return this.readerIdentity;
  }

  private common() {
    const { resourceGroupName, location, provider, tags } = this;
    return { resourceGroupName, location, provider, tags };
  }

  private required(what: string, value: string | undefined): string {
    if (value === undefined) {
      throw new ConstructError(this, `${what} is missing; set it, or set workspace to a workspace on Azure`);
    }
    return value;
  }
}

class ImportedEnvironment extends Construct implements IContainerAppsEnvironment {
  readonly environmentId: string;
  readonly resourceGroupName: string;
  readonly location: string;
  readonly defaultDomain: string;
  readonly hasNetwork: boolean;
  readonly isInternal: boolean;
  readonly provider?: TerraformProvider | undefined;
  readonly azapiProvider?: TerraformProvider | undefined;
  readonly dependables: ITerraformDependable[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly attributes: ContainerAppsEnvironmentAttributes,
  ) {
    super(scope, id);
    requireKnownProps(this, attributes, ATTRIBUTES);
    const { environmentId, resourceGroupName, location, defaultDomain } = attributes;
    const { hasNetwork = false, isInternal = false, provider, azapiProvider } = attributes;
    this.environmentId = environmentId;
    this.resourceGroupName = resourceGroupName;
    this.location = location;
    this.defaultDomain = defaultDomain;
    this.hasNetwork = hasNetwork;
    this.isInternal = isInternal;
    this.provider = provider;
    this.azapiProvider = azapiProvider;
  }

  get domainVerificationId(): string {
    const { domainVerificationId } = this.attributes;
    if (domainVerificationId === undefined) {
      throw new ConstructError(
        this,
        'domainVerificationId is missing, which the DNS records of your own host name need; set it to the result of "az containerapp ' +
          'env show --query properties.customDomainConfiguration.customDomainVerificationId"',
      );
    }
    return domainVerificationId;
  }

  certificateIdentity(): AzureIdentity {
    const { certificateIdentity } = this.attributes;
    if (!certificateIdentity) {
      throw new ConstructError(
        this,
        'certificateIdentity is missing, with which the environment reads certificates in a key vault; assign a user-assigned identity ' +
          'to the environment and set it, or use SslSettings.managed()',
      );
    }
    return certificateIdentity;
  }
}
