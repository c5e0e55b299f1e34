import { Construct } from 'constructs';

import { RoleAssignment, UserAssignedIdentity } from '../bindings/azurerm';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import type { AzureIdentity } from '../azure/azure-resource';
import { ConstructError } from '../validation/construct-error';
import type { AzureWorkspace } from '../workspace/workspace-reference';

/** @internal */
export interface EndpointIdentityProps {
  readonly azure: AzureWorkspace;
  readonly identity: AzureIdentity | undefined;
  readonly grantRoles: boolean;
  readonly tags: Record<string, string> | undefined;
}

/**
 * Managed identity that an endpoint's deployments use to pull their image and to read their model and code. It must have its
 * roles before the first deployment.
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-access-resources-from-endpoints-managed-identities
 */
export class EndpointIdentity extends Construct {
  /** ARM id of the identity. */
  readonly identityId: string;
  /** `undefined` if an existing identity is used. */
  readonly identity?: UserAssignedIdentity | undefined;
  readonly roleAssignments: RoleAssignment[];

  /** @internal Declared only by endpoints. */
  static _declare(scope: Construct, id: string, props: EndpointIdentityProps): EndpointIdentity {
    return new EndpointIdentity(scope, id, props);
  }

  private constructor(scope: Construct, id: string, props: EndpointIdentityProps) {
    super(scope, id);
    const { azure, tags, grantRoles } = props;
    const meta = { provider: azure.provider };
    const identity =
      props.identity ??
      (this.identity = new UserAssignedIdentity(this, 'Resource', {
        name: azureName(this, AZURE_NAMES.managedIdentity),
        location: azure.location,
        resourceGroupName: azure.resourceGroupName,
        tags,
        ...meta,
      }));
    this.identityId = identity.id;
    const roles = [
      // Pulls the images of environments.
      { id: 'AcrPull', role: 'AcrPull', on: azure.containerRegistryId, what: 'containerRegistryId' },
      // Reads models and code when a machine starts.
      {
        id: 'ReadFiles',
        role: 'Storage Blob Data Reader',
        on: azure.storageAccountId,
        what: 'storageAccountId',
      },
    ];
    this.roleAssignments = (grantRoles ? roles : []).map(({ id: roleId, role, on, what }) => {
      if (on === undefined) {
        throw new ConstructError(
          this,
          `the ${what} of the workspace is unknown, but the endpoint needs the role "${role}" on it; ` +
            'use Workspace.fromWorkspaceAttributes, or set grantRoles to false and assign the role yourself',
        );
      }
      return new RoleAssignment(this, roleId, {
        scope: on,
        roleDefinitionName: role,
        principalId: identity.principalId,
        principalType: 'ServicePrincipal',
        ...meta,
      });
    });
  }
}
