import { Aspects, Lazy, TerraformOutput, Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { AzapiResource } from '../azapi/azapi-resource';
import type { DataAzapiResourceAction } from '../azapi/data-azapi-resource-action';
import type { AzureIdentity } from '../azure/azure-resource';
import { limitedName, nameFromPath } from '../azure/derived-name';
import { sensitiveToken } from '../tls-and-keys/secret-value';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { addWarning } from '../validation/warning';
import { dependablesFor } from '../terraform/dependables';
import { requireAzureWorkspace } from '../workspace/workspace-reference';
import type { IAttachedKubernetesCluster } from './attached-kubernetes-cluster-reference';
import { EndpointIdentity } from './endpoint-identity';
import { ENDPOINT_TYPE, endpointKeys } from './endpoint-keys';
import { ImportedOnlineEndpoint, type OnlineEndpointAttributes } from './imported-online-endpoint';
import type { IOnlineDeployment, IOnlineEndpoint } from './online-endpoint-reference';
import { endpointTarget } from './smoke-test-target';

/** Cluster, identity and access of an online endpoint. */
export interface OnlineEndpointProps {
  /** Where its deployments run. */
  readonly compute: IAttachedKubernetesCluster;
  /**
   * 3 to 32 letters, digits and `-`.
   * @default - made of the construct's path
   */
  readonly name?: string | undefined;
  /**
   * Managed identity that the deployments use to pull their image and read their files.
   * @default - an identity is made
   */
  readonly identity?: AzureIdentity | undefined;
  /**
   * Whether the identity is given its roles on the workspace's registry and storage account. Whoever deploys must then be
   * allowed to give roles.
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
  name: true,
  identity: true,
  grantRoles: true,
  description: true,
  tags: true,
};

/**
 * An address that scores over HTTP, `POST` of JSON with `Authorization: Bearer <key>`, on a cluster of a workspace on Azure.
 * What answers are its deployments (`OnlineDeployment`), by the share that `EndpointTraffic` gives them.
 */
export class OnlineEndpoint extends Construct implements IOnlineEndpoint {
  /** An endpoint that exists. Its address and its keys are read from Azure. */
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
  /** It grows with the deployments and their traffic. */
  readonly dependables: ITerraformDependable[];
  readonly compute: IAttachedKubernetesCluster;
  readonly identity: EndpointIdentity;
  readonly resource: AzapiResource;
  /** What reads the keys. */
  readonly keys: DataAzapiResourceAction;
  /** Its deployments, as far as they are declared. */
  readonly deployments: IOnlineDeployment[] = [];
  private readonly revisions: string[] = [];
  private hasTraffic = false;

  constructor(scope: Construct, id: string, props: OnlineEndpointProps) {
    super(scope, id);
    requireKnownProps(this, props, ONLINE_ENDPOINT_PROPS);
    const { compute, tags, description } = props;
    const azure = requireAzureWorkspace(this, compute.workspace, 'an online endpoint');
    this.compute = compute;
    this.endpointName = props.name ?? limitedName(nameFromPath(this), 32);
    requireEndpointName(this, this.endpointName);
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
      // No traffic here: Azure knows no deployment yet. See EndpointTraffic.
      body: {
        properties: {
          authMode: 'Key',
          compute: compute.computeId,
          description,
        },
      },
      tags,
      responseExportValues: ['properties.scoringUri'],
      provider: azure.azapiProvider,
      dependsOn: dependablesFor(this, [...compute.dependables, ...this.identity.roleAssignments]),
    });
    this.node.defaultChild = this.resource;
    this.scoringUri = this.resource.outputString('properties.scoringUri');
    this.keys = endpointKeys(this, this.resource.id, azure.azapiProvider);
    this.dependables = [this.resource];
    this.rootCertificateFile = compute.exposure?.rootCertificateFile;
    this.revisions.push(this.endpointName, ...(compute.exposure ? [compute.exposure.revision] : []));
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

  /** Adds what stands between the endpoint and its clients, such as a DNS record: a smoke test waits for it. */
  addClientPrerequisite(prerequisite: ITerraformDependable): void {
    this.dependables.push(prerequisite);
  }

  /**
   * Adds the address, and the target for `cdktf-brainwave smoke-test --outputs`, to the stack's outputs, named by this
   * construct's path. None of them is a secret.
   */
  addOutputs(): void {
    new TerraformOutput(this, 'ScoringUri', { value: this.scoringUri });
    new TerraformOutput(this, 'SmokeTestTarget', {
      value: Lazy.anyValue({ produce: () => endpointTarget(this) }),
    });
  }

  /**
   * Makes a deployment known.
   * @internal
   */
  _addDeployment(deployment: IOnlineDeployment, revision: string): void {
    this.deployments.push(deployment);
    this.addPart(deployment.resource, revision);
  }

  /**
   * Makes its traffic known.
   * @internal
   */
  _setTraffic(traffic: ITerraformDependable, revision: string): void {
    this.hasTraffic = true;
    this.addPart(traffic, revision);
  }

  /** Adds what must be there before the endpoint answers as it is declared. */
  private addPart(part: ITerraformDependable, revision: string): void {
    this.dependables.push(part);
    this.revisions.push(revision);
  }

  private requireEncryption(): void {
    const { exposure } = this.compute;
    if (!exposure || exposure.tls) {
      return;
    }
    const what = `its keys would travel in the clear: ${this.compute.node.path} has no TLS`;
    if (!exposure.internal) {
      throw new ConstructError(
        this,
        `${what}, and its address is public; set ssl there, for example SslSettings.fromKeyVaultCertificate(…), ` +
          'or internalLoadBalancer to true',
      );
    }
    addWarning(this, `${what}; set ssl there`);
  }

  /** Its traffic is declared after it, if at all. */
  private warnOfNoTraffic(): void {
    if (this.deployments.length > 0 && !this.hasTraffic) {
      addWarning(
        this,
        'it has no EndpointTraffic: none of its deployments gets a request, and a smoke test fails; ' +
          'declare one, with 100 percent in all',
      );
    }
  }

  private problems(): string[] {
    return this.deployments.length > 0
      ? []
      : [
          `${this.node.path}: it has no deployment, and nothing would answer; declare an OnlineDeployment with this endpoint`,
        ];
  }
}

function requireEndpointName(scope: Construct, name: string): void {
  // Source: "Manage and increase quotas for resources with Azure Machine Learning", endpoint names.
  if (!Token.isUnresolved(name) && !/^[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]$/.test(name)) {
    throw new ConstructError(
      scope,
      `name is "${name}"; expected 3 to 32 letters, digits and "-", beginning with a letter, not ending with "-"`,
    );
  }
}
