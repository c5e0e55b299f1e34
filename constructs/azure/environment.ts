import type { IConstruct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { wholeNumber } from '../../lib/validation/number-range';
import { requireKnownProps } from '../validation/construct-error';
import { requireNumber, requirePattern } from '../validation/synth-value';

/** Weekly time at which AKS may upgrade Kubernetes and the images of the nodes. */
export interface MaintenanceWindow {
  /** `Monday` to `Sunday`. */
  readonly dayOfWeek: string;
  /** In UTC: `02:00`. */
  readonly startTime: string;
  /** Duration in hours, 4 to 24. @default 4 */
  readonly durationHours?: number | undefined;
}

/** Settings in which the environments of a service differ. Those that are not set come from the preset. */
export interface EnvironmentProps {
  /**
   * Availability zones of the nodes. With zones, the container registry, the storage account and environments of Container Apps
   * in your own subnet are zone-redundant. Azure spreads public addresses over all zones of a region by itself. In a region with
   * zones, set those that have the accelerator: `az vm list-skus --location eastus --size Standard_NC4as_T4_v3 --zone`.
   * @default - none, because not every region has zones, nor every zone every size
   * @see https://learn.microsoft.com/azure/reliability/regions-list
   */
  readonly zones?: string[] | undefined;
  /**
   * Tier of the cluster: `Free`, `Standard` (with an uptime SLA) or `Premium`.
   * @default - `Standard` in production, `Free` in development
   */
  readonly clusterTier?: string | undefined;
  /**
   * Weekly maintenance of the cluster.
   * @default - in production, on Sundays from 02:00 to 06:00 UTC; in development, any time
   */
  readonly maintenanceWindow?: MaintenanceWindow | undefined;
  /**
   * Whether the cluster has the add-on of Azure Policy, which audits and rejects objects by the policies assigned to it.
   * @default true
   * @see https://learn.microsoft.com/azure/governance/policy/concepts/policy-for-kubernetes
   */
  readonly azurePolicy?: boolean | undefined;
  /**
   * Whether Container Insights keeps the logs of the containers. Metrics are collected by `ManagedPrometheus`.
   * @default - true in production, false in development
   */
  readonly containerInsights?: boolean | undefined;
  /**
   * Whether the disks and caches of the nodes are encrypted on their hosts. The subscription must be registered for it: `az
   * feature register --namespace Microsoft.Compute --name EncryptionAtHost`.
   * @default false
   * @see https://learn.microsoft.com/azure/aks/enable-host-encryption
   */
  readonly encryptionAtHost?: boolean | undefined;
  /**
   * Whether Log Analytics keeps the resource logs: access to models, blobs and secrets, pulls of images, and the control plane
   * of the cluster. Azure keeps none otherwise.
   * @default - true in production, false in development
   * @see https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings
   */
  readonly diagnostics?: boolean | undefined;
  /**
   * ARM id of the Log Analytics workspace for `diagnostics` and `containerInsights`.
   * @default - that of the workspace's Application Insights
   */
  readonly logAnalyticsWorkspaceId?: string | undefined;
  /**
   * Number of days for which a created Log Analytics workspace keeps logs, 30 to 730.
   * @default - 90 in production, 30 in development
   */
  readonly logRetentionDays?: number | undefined;
  /**
   * SKU of a created container registry: `Basic`, `Standard` or `Premium`. Premium spreads over the zones and deletes
   * untagged images after 30 days.
   * @default - `Premium` in production and with `networkIsolation`, which needs it, otherwise `Standard`
   */
  readonly containerRegistrySku?: string | undefined;
  /**
   * Replication type of a created storage account: `LRS`, `ZRS`, `GRS`, `GZRS`, … A change between a type with `ZRS` and one
   * without replaces the storage account, and with it all models.
   * @default - in production, `ZRS` with zones and `GRS` without; `LRS` in development
   */
  readonly storageReplication?: string | undefined;
}

const ENVIRONMENT_PROPS: KnownKeys<EnvironmentProps> = {
  zones: true,
  clusterTier: true,
  maintenanceWindow: { dayOfWeek: true, startTime: true, durationHours: true },
  azurePolicy: true,
  containerInsights: true,
  encryptionAtHost: true,
  diagnostics: true,
  logAnalyticsWorkspaceId: true,
  logRetentionDays: true,
  containerRegistrySku: true,
  storageReplication: true,
};

/** Settings of an environment. */
export interface EnvironmentSettings {
  readonly zones?: string[] | undefined;
  readonly clusterTier: string;
  readonly maintenanceWindow?: MaintenanceWindow | undefined;
  readonly azurePolicy: boolean;
  readonly containerInsights: boolean;
  readonly encryptionAtHost: boolean;
  readonly diagnostics: boolean;
  readonly logAnalyticsWorkspaceId?: string | undefined;
  readonly logRetentionDays: number;
  readonly containerRegistrySku: string;
  readonly storageReplication: string;
}

/**
 * What differs between the environments of a service: availability, logs and maintenance, and what they cost. Security does
 * not: access, networks, keys and roles are the same in all of them.
 *
 * ```ts fragment
 * new Workspace(stack, 'Workspace', { location, environment: Environment.production({ zones: ['1', '2', '3'] }) });
 * ```
 */
export class Environment {
  /** Low costs: one zone, no uptime SLA, no resource logs. */
  static development(props: EnvironmentProps = {}): Environment {
    return new Environment(props, {
      clusterTier: 'Free',
      containerInsights: false,
      diagnostics: false,
      logRetentionDays: 30,
      containerRegistrySku: 'Standard',
      storageReplication: 'LRS',
    });
  }

  /** Uptime SLA, logs for audits, replicated storage, upgrades within a maintenance window. */
  static production(props: EnvironmentProps = {}): Environment {
    return new Environment(props, {
      clusterTier: 'Standard',
      maintenanceWindow: { dayOfWeek: 'Sunday', startTime: '02:00' },
      containerInsights: true,
      diagnostics: true,
      logRetentionDays: 90,
      containerRegistrySku: 'Premium',
      storageReplication: props.zones === undefined ? 'GRS' : 'ZRS',
    });
  }

  private constructor(
    private readonly props: EnvironmentProps,
    private readonly preset: Omit<EnvironmentSettings, 'azurePolicy' | 'encryptionAtHost'>,
  ) {}

  /**
   * Returns the settings.
   * @throws ConstructError if one is invalid
   */
  bind(scope: IConstruct): EnvironmentSettings {
    requireKnownProps(scope, this.props, ENVIRONMENT_PROPS);
    const given = Object.fromEntries(
      Object.entries(this.props).filter(([, value]) => value !== undefined),
    ) as Partial<EnvironmentSettings>;
    const settings = { azurePolicy: true, encryptionAtHost: false, ...this.preset, ...given };
    const { clusterTier, containerRegistrySku, storageReplication, maintenanceWindow } = settings;
    requirePattern(
      scope,
      'clusterTier',
      clusterTier,
      /^(Free|Standard|Premium)$/,
      'Free, Standard or Premium',
    );
    requirePattern(
      scope,
      'containerRegistrySku',
      containerRegistrySku,
      /^(Basic|Standard|Premium)$/,
      'Basic, Standard or Premium',
    );
    requirePattern(
      scope,
      'storageReplication',
      storageReplication,
      /^(LRS|ZRS|GRS|GZRS|RAGRS|RAGZRS)$/,
      'LRS, ZRS, GRS, GZRS, RAGRS or RAGZRS',
    );
    requireNumber(scope, 'logRetentionDays', settings.logRetentionDays, wholeNumber(30, 730));
    if (maintenanceWindow) {
      const { dayOfWeek, startTime, durationHours } = maintenanceWindow;
      requirePattern(
        scope,
        'maintenanceWindow.dayOfWeek',
        dayOfWeek,
        /^(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$/,
        'Monday, Tuesday, Wednesday, Thursday, Friday, Saturday or Sunday',
      );
      requirePattern(
        scope,
        'maintenanceWindow.startTime',
        startTime,
        /^([01]\d|2[0-3]):[0-5]\d$/,
        'a time in UTC, such as 02:00',
      );
      requireNumber(scope, 'maintenanceWindow.durationHours', durationHours, wholeNumber(4, 24));
    }
    return settings;
  }
}
