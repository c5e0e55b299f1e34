import { Aspects, Lazy, Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { DEPLOYMENT_NAME, isDeploymentName } from '../../lib/validation/deployment-name';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { AzapiResource } from '../azapi/azapi-resource';
import type { DataAzapiResourceAction } from '../azapi/data-azapi-resource-action';
import type { AzureIdentity } from '../azure/azure-resource';
import { limitedName, nameFromPath } from '../azure/derived-name';
import { sensitiveToken } from '../terraform/secret-value';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { namedOutput } from '../terraform/named-output';
import { addWarning } from '../validation/warning';
import { dependablesFor } from '../terraform/dependables';
import { type IWorkspace, requireAzureWorkspace } from '../workspace/workspace-reference';
import type { IAttachedKubernetesCluster } from './attached-kubernetes-cluster-reference';
import { EndpointIdentity } from './endpoint-identity';
import { ENDPOINT_TYPE, endpointKeys } from './endpoint-keys';
import { ImportedOnlineEndpoint, type OnlineEndpointAttributes } from './imported-online-endpoint';
import { endpointTarget, type IOnlineDeployment, type IOnlineEndpoint } from './online-endpoint-reference';

/** Properties of an online endpoint. */
export interface OnlineEndpointProps {
  /** Cluster on which the deployments run. @default - virtual machines that Azure manages; set `workspace` */
  readonly compute?: IAttachedKubernetesCluster | undefined;
  /** Workspace of an endpoint whose machines Azure manages. Must be on Azure. @default - that of `compute` */
  readonly workspace?: IWorkspace | undefined;
  /**
   * Whether the Internet reaches an endpoint whose machines Azure manages. Without it, callers need a private endpoint of the workspace.
   * @default true
   */
  readonly publicNetworkAccess?: boolean | undefined;
  /**
   * Name of the endpoint: 3 to 32 letters, digits and `-`.
   * @default - derived from the construct's path
   */
  readonly name?: string | undefined;
  /**
   * Managed identity that the deployments use to pull their image and read their files.
   * @default - an identity is created
   */
  readonly identity?: AzureIdentity | undefined;
  /**
   * Whether to assign the identity its roles on the workspace's registry and storage account. The deploying identity must
   * then be allowed to assign roles.
   * @default true
   */
  readonly grantRoles?: boolean | undefined;
  /** @default - none */
  readonly description?: string | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
}

const ONLINE_ENDPOINT_PROPS: KnownKeys<OnlineEndpointProps> = {
  compute: true,
  workspace: true,
  publicNetworkAccess: true,
  name: true,
  identity: true,
  grantRoles: true,
  description: true,
  tags: true,
};

/**
 * An HTTP endpoint of a workspace on Azure, on a cluster or on machines that Azure manages, called with a `POST` of JSON and `Authorization: Bearer <key>`.
 * Its deployments (`OnlineDeployment`) serve the requests, in the shares that `EndpointTraffic` assigns.
 */
export class OnlineEndpoint extends Construct implements IOnlineEndpoint {
  /** Imports an existing endpoint. Its address and its keys are read from Azure. */
  static fromOnlineEndpointAttributes(
    scope: Construct,
    id: string,
    attributes: OnlineEndpointAttributes,
  ): IOnlineEndpoint {
    return new ImportedOnlineEndpoint(scope, id, attributes);
  }

  readonly endpointName: string;
  readonly scoringUri: string;
  readonly revision: string;
  readonly rootCertificateFile?: string | undefined;
  /** Includes deployments and traffic that are declared later. */
  readonly dependables: ITerraformDependable[];
  /** @default - Azure manages the machines */
  readonly compute?: IAttachedKubernetesCluster | undefined;
  readonly workspace: IWorkspace;
  readonly identity: EndpointIdentity;
  readonly resource: AzapiResource;
  /** Data source that reads the keys. */
  readonly keys: DataAzapiResourceAction;
  /** Deployments declared so far. */
  readonly deployments: IOnlineDeployment[] = [];
  private readonly revisions: string[] = [];
  private readonly prerequisites: ITerraformDependable[] = [];
  private hasTraffic = false;
  private readonly isPublic: boolean;

  constructor(scope: Construct, id: string, props: OnlineEndpointProps) {
    super(scope, id);
    requireKnownProps(this, props, ONLINE_ENDPOINT_PROPS);
    const { compute, tags, description } = props;
    this.compute = compute;
    this.workspace = this.workspaceOf(props);
    const azure = requireAzureWorkspace(this, this.workspace, 'an online endpoint');
    this.isPublic = props.publicNetworkAccess ?? true;
    this.endpointName = props.name ?? limitedName(nameFromPath(this), 32);
    requireOnlineName(this, 'name', this.endpointName);
    this.requireEncryption();
    this.identity = EndpointIdentity._declare(this, 'Identity', {
      azure,
      identity: props.identity,
      grantRoles: props.grantRoles ?? true,
      tags,
    });
    this.resource = new AzapiResource(this, 'Endpoint', {
      type: ENDPOINT_TYPE,
      name: this.endpointName,
      parentId: azure.workspaceId,
      location: azure.location,
      identity: { type: 'UserAssigned', identityIds: [this.identity.identityId] },
      // The traffic is set by EndpointTraffic, because the deployments do not exist yet.
      body: {
        properties: {
          authMode: 'Key',
          ...this._computeBody,
          description,
        },
      },
      tags,
      responseExportValues: ['properties.scoringUri'],
      provider: azure.azapiProvider,
      dependsOn: dependablesFor(this, [...(compute?.dependables ?? []), ...this.identity.roleAssignments]),
    });
    this.node.defaultChild = this.resource;
    this.scoringUri = this.resource.outputString('properties.scoringUri');
    this.keys = endpointKeys(this, this.resource.id, azure.azapiProvider);
    this.dependables = [this.resource];
    this.rootCertificateFile = compute?.exposure?.rootCertificateFile;
    this.revisions.push(this.endpointName, ...(compute?.exposure ? [compute.exposure.revision] : []));
    this.revision = Lazy.stringValue({ produce: () => this.revisions.join(' ') });
    this.node.addValidation({ validate: () => this.problems() });
    Aspects.of(this).add({
      visit: (node) => {
        if (node === this) {
          this.warnOfNoTraffic();
        }
      },
    });
  }

  /** A sensitive token. */
  get primaryKey(): string | undefined {
    return sensitiveToken(this.keys.sensitiveOutputString('primaryKey'));
  }

  /** A sensitive token. */
  get secondaryKey(): string | undefined {
    return sensitiveToken(this.keys.sensitiveOutputString('secondaryKey'));
  }

  /** Adds resources between the endpoint and its clients, such as a DNS record. A smoke test waits for them. */
  addClientPrerequisite(prerequisite: ITerraformDependable): void {
    this.prerequisites.push(prerequisite);
    this.dependables.push(prerequisite);
  }

  /**
   * Adds outputs to the stack: the address, and the target for `cdktf-brainwave smoke-test --outputs`. Their names are the
   * construct's path in the stack with `_scoring_uri` and `_smoke_test_target`. None of them is a secret.
   */
  addOutputs(): void {
    namedOutput(this, 'scoring_uri', { value: this.scoringUri });
    namedOutput(this, 'smoke_test_target', {
      value: Lazy.anyValue({ produce: () => endpointTarget(this) }),
    });
  }

  /**
   * Part of the body that says where the endpoint runs and who reaches it. A `PUT` without it would change that.
   * @internal
   */
  get _computeBody(): Record<string, unknown> {
    return this.compute
      ? { compute: this.compute.computeId }
      : { publicNetworkAccess: this.isPublic ? 'Enabled' : 'Disabled' };
  }

  /**
   * Resources that exist when the endpoint can be called, whichever deployment responds.
   * @internal
   */
  get _callable(): readonly ITerraformDependable[] {
    return [this.resource, ...this.prerequisites];
  }

  /**
   * Adds a deployment.
   * @internal
   */
  _addDeployment(deployment: IOnlineDeployment, revision: string): void {
    this.deployments.push(deployment);
    this.addParts(deployment.dependables, revision);
  }

  /**
   * Adds the traffic.
   * @internal
   */
  _setTraffic(traffic: ITerraformDependable, revision: string): void {
    this.hasTraffic = true;
    this.addParts([traffic], revision);
  }

  /** Adds resources that must exist before the endpoint is ready. */
  private addParts(parts: readonly ITerraformDependable[], revision: string): void {
    this.dependables.push(...parts);
    this.revisions.push(revision);
  }

  private workspaceOf({ compute, workspace, publicNetworkAccess }: OnlineEndpointProps): IWorkspace {
    if (compute && (workspace ?? publicNetworkAccess) !== undefined) {
      throw new ConstructError(
        this,
        `compute and ${workspace ? 'workspace' : 'publicNetworkAccess'} are both set, but the latter is for endpoints whose machines ` +
          'Azure manages; remove one of them',
      );
    }
    const found = compute?.workspace ?? workspace;
    if (!found) {
      throw new ConstructError(
        this,
        'neither workspace nor compute is set; set workspace for machines that Azure manages, or compute for a cluster',
      );
    }
    return found;
  }

  private requireEncryption(): void {
    const { compute } = this;
    const exposure = compute?.exposure;
    if (!compute || !exposure || exposure.tls) {
      return;
    }
    const what = `its keys would be sent unencrypted, because ${compute.node.path} has no TLS`;
    if (!exposure.internal) {
      throw new ConstructError(
        this,
        `${what}, and its address is public; set ssl of the compute, for example ` +
          'SslSettings.fromKeyVaultCertificate(…), or set its internalLoadBalancer to true',
      );
    }
    addWarning(this, `${what}; set ssl of the compute`);
  }

  /** Runs at synth, because the traffic is declared after the endpoint. */
  private warnOfNoTraffic(): void {
    if (this.deployments.length > 0 && !this.hasTraffic) {
      addWarning(
        this,
        'it has no EndpointTraffic, so its deployments receive no requests and smoke tests fail; ' +
          'declare one whose percentages add up to 100',
      );
    }
  }

  private problems(): string[] {
    return this.deployments.length > 0
      ? []
      : [
          `${this.node.path}: it has no deployment to serve requests; declare an OnlineDeployment with this endpoint`,
        ];
  }
}

/**
 * @param option name of the option in messages
 * @throws ConstructError unless Azure ML accepts the name of an endpoint or a deployment
 * @internal
 */
export function requireOnlineName(scope: Construct, option: string, name: string): void {
  if (!Token.isUnresolved(name) && !isDeploymentName(name)) {
    throw new ConstructError(scope, `${option} is "${name}"; expected ${DEPLOYMENT_NAME}`);
  }
}
