import { Fn, Token } from 'cdktf';
import type { Construct } from 'constructs';

import { ConstructError } from './construct-error';
import type { AzureWorkspace, IWorkspace } from './workspace';

/**
 * The storage account of a workspace.
 * @param kept what is kept there, for the message: `the model is`
 * @throws ConstructError where it is not known
 * @internal
 */
export function requireStorage(
  scope: Construct,
  workspace: IWorkspace,
  { storageAccountId, storageAccountName }: AzureWorkspace,
  kept: string,
): { storageAccountId: string; storageAccountName: string } {
  if (storageAccountId === undefined || storageAccountName === undefined) {
    throw new ConstructError(
      scope,
      `the storage account of ${workspace.node.path} is not known, and ${kept} kept there; ` +
        'set azure.storageAccountId and azure.storageAccountName, or use Workspace.fromWorkspaceAttributes',
    );
  }
  return { storageAccountId, storageAccountName };
}

/**
 * The subscription in an ARM id, also where the id is a token.
 * @internal
 */
export function subscriptionOf(resourceId: string): string {
  return Token.isUnresolved(resourceId)
    ? Token.asString(Fn.element(Fn.split('/', resourceId), 2))
    : (resourceId.split('/')[2] ?? '');
}
