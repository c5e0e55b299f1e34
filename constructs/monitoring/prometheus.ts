import type { Construct } from 'constructs';

import type { AzureResource } from '../azure/azure-resource';
import type { AlertRule } from '../metrics/alert-rule';
import type { IWebservice } from '../webservice/webservice';

/** A service to monitor, with its alerts and its dashboard. */
export interface MonitoredService {
  readonly service: IWebservice;
  readonly alerts: AlertRule[];
  /** JSON of a Grafana dashboard. */
  readonly dashboard: string;
  /** Action groups of Azure Monitor that alerts notify. */
  readonly actionGroups: AzureResource[];
}

/** A Prometheus that collects the metrics of services and evaluates their alerts. */
export interface IPrometheus {
  /** Whether it notifies action groups of Azure Monitor. */
  readonly notifiesActionGroups: boolean;

  /**
   * Declares the resources that collect the metrics of a service and evaluate its alerts.
   * @param scope the monitoring of the service, which owns the declared resources
   * @throws ConstructError if it cannot reach the service
   */
  bind(scope: Construct, monitored: MonitoredService): void;
}
