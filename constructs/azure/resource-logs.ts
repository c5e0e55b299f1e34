import type { MonitorDiagnosticSettingEnabledLog } from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting';
import type { TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import { MonitorDiagnosticSetting } from '../bindings/azurerm';
import { ConstructError } from '../validation/construct-error';

/** Log Analytics workspace, and the provider of the resources that log to it. @internal */
export interface LogDestination {
  readonly logAnalyticsWorkspaceId: string;
  readonly provider?: TerraformProvider | undefined;
}

/**
 * Requires a Log Analytics workspace.
 * @param setting setting that needs it
 * @throws ConstructError if there is none
 * @internal
 */
export function requireLogAnalytics(scope: Construct, setting: string, id: string | undefined): string {
  if (id === undefined) {
    throw new ConstructError(
      scope,
      `environment has ${setting}, but the stack knows no Log Analytics workspace; ` +
        `set logAnalyticsWorkspaceId of the environment, or set ${setting} to false`,
    );
  }
  return id;
}

/** Sends logs of a resource to Log Analytics. @internal */
export function resourceLogs(
  scope: Construct,
  id: string,
  targetResourceId: string,
  { logAnalyticsWorkspaceId, provider }: LogDestination,
  enabledLog: MonitorDiagnosticSettingEnabledLog[],
  logAnalyticsDestinationType?: string,
): MonitorDiagnosticSetting {
  return new MonitorDiagnosticSetting(scope, id, {
    name: 'cdktf-brainwave',
    targetResourceId,
    logAnalyticsWorkspaceId,
    logAnalyticsDestinationType,
    enabledLog,
    provider,
  });
}
