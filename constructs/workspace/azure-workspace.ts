import type { Construct } from 'constructs';

import { ConstructError } from '../validation/construct-error';
import { requireProvidersInStack } from '../terraform/stack-providers';
import type { AzureWorkspace, IWorkspace } from './workspace';

/**
 * What a workspace on Azure is to others, whose resources have its providers.
 * @param what is to be in it
 * @throws ConstructError for a workspace on this machine
 * @internal
 */
export function requireAzureWorkspace(scope: Construct, workspace: IWorkspace, what: string): AzureWorkspace {
  if (!workspace.azure) {
    throw new ConstructError(
      scope,
      `the workspace "${workspace.workspaceName}" is on this machine, where ${what} cannot be registered; ` +
        'use Workspace, or Workspace.fromWorkspaceAttributes, for one on Azure',
    );
  }
  requireProvidersInStack(scope);
  return workspace.azure;
}
