import { containerAppsServices } from './container-apps-services';
import { fpgaServices } from './fpga-services';
import { kubernetesServices } from './kubernetes-services';
import { localWorkloads } from './local-workloads';
import { onlineEndpoints } from './online-endpoints';
import type { Plan, ResourceChange, Side } from './plan';
import { type ServiceImpact, show } from './service-impact';

/** What a plan does to services, to the names that callers resolve, and to what cannot be created again. */
export interface PlanImpact {
  readonly services: readonly ServiceImpact[];
  /** DNS records that change, as sentences. */
  readonly names: readonly string[];
  /** Resources that are deleted, with what is lost with them. */
  readonly destroyed: readonly DestroyedResource[];
  /** Number of resources that change in any way. */
  readonly changedResources: number;
}

/** A resource that a plan deletes, and whose content is lost or which others depend on. */
export interface DestroyedResource {
  readonly address: string;
  /** What is lost with it, such as `all files in it`. */
  readonly holds: string;
  /** Whether the plan creates it again, empty. */
  readonly isReplaced: boolean;
}

/** Says what a plan does to the callers of the services in it. */
export function planImpact(plan: Plan): PlanImpact {
  // A deposed object no longer decides what a service is: its successor has the same address.
  const current = plan.filter(({ deposed }) => deposed === undefined);
  return {
    services: [localWorkloads, kubernetesServices, containerAppsServices, fpgaServices, onlineEndpoints]
      .flatMap((find) => find(current))
      // A service that is new or deleted has no other state to compare with.
      .map((each) =>
        each.change === 'created' || each.change === 'destroyed' ? { ...each, changes: [] } : each,
      )
      .sort((left, right) => left.name.localeCompare(right.name, 'en')),
    names: current.filter(({ type }) => DNS_RECORD.test(type)).flatMap(recordChange),
    destroyed: plan
      .filter((each) => each.removes && each.type in CONTENTS)
      .map((each) => ({
        address: each.address + (each.deposed === undefined ? '' : ` (deposed object ${each.deposed})`),
        holds: CONTENTS[each.type],
        isReplaced: each.action === 'replace',
      })),
    changedResources: plan.filter(({ action }) => action !== 'no-op').length,
  };
}

const DNS_RECORD = /^azurerm_(private_)?dns_(a|aaaa|cname)_record$/;

/** What is lost with a resource that is deleted. */
const CONTENTS: Readonly<Record<string, string>> = {
  azurerm_application_insights: 'its telemetry',
  azurerm_container_app_environment: 'all apps in it, and the domain of their addresses',
  azurerm_container_registry: 'all images in it',
  azurerm_dns_zone: 'all records in it, and its name servers',
  azurerm_key_vault: 'all keys, secrets and certificates in it, unless it is recovered',
  azurerm_kubernetes_cluster:
    'everything that runs in it: all services on it are down until they are deployed again',
  azurerm_log_analytics_workspace: 'its logs',
  azurerm_machine_learning_workspace: 'its models, endpoints and jobs',
  azurerm_monitor_workspace: 'its metrics',
  azurerm_private_dns_zone: 'all records in it',
  azurerm_public_ip: 'its address, which Azure may give to somebody else',
  azurerm_resource_group: 'everything in it',
  azurerm_storage_account: 'all files in it',
};

function recordChange(record: ResourceChange): string[] {
  const name = `${show(record.readLast('name'))}.${show(record.readLast('zone_name'))}`;
  const seconds = show(record.read('before', 'ttl'));
  const points = (when: Side) =>
    show(record.read(when, 'records', 0) ?? record.read(when, 'record') ?? record.read(when, 'records'));
  switch (record.action) {
    case 'no-op':
      return [];
    case 'create':
      return [`${name} is new and points to ${points('after')}`];
    case 'delete':
      return [`${name} is deleted: callers that use it fail within ${seconds} seconds`];
    default:
      return record.differs('records') || record.differs('record') || record.action === 'replace'
        ? [
            `${name} points to ${points('after')} instead of ${points('before')}: callers may use the former address for ` +
              `${seconds} seconds`,
          ]
        : [];
  }
}
