import { createHash } from 'node:crypto';

import { Lazy, TerraformStack, Token, dependable } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { AzapiResourceAction } from '../azapi/azapi-resource-action';
import { AzapiUpdateResource } from '../azapi/azapi-update-resource';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireKnownNumber } from '../validation/synth-value';
import { requireUnique } from '../validation/unique';
import { addWarning } from '../validation/warning';
import { requireAzureWorkspace } from '../workspace/workspace-reference';
import { ENDPOINT_TYPE } from './endpoint-keys';
import type { OnlineDeployment } from './online-deployment';
import type { OnlineEndpoint } from './online-endpoint';

/** A deployment's share of an endpoint's requests. */
export interface TrafficShare {
  readonly deployment: OnlineDeployment;
  /**
   * Percent of the requests that it answers. All deployments' percents make 100.
   * @default 0
   */
  readonly percent?: number | undefined;
  /**
   * Percent of the requests that it gets a copy of; its answers are thrown away. 50 at most, for one deployment, which
   * answers none. Azure ML does this for endpoints on Kubernetes not so far: there is a warning.
   * @default 0
   */
  readonly mirrorPercent?: number | undefined;
}

/** Who gets how much of an endpoint's requests. */
export interface EndpointTrafficProps {
  readonly endpoint: OnlineEndpoint;
  readonly shares: TrafficShare[];
}

const ENDPOINT_TRAFFIC_PROPS: KnownKeys<EndpointTrafficProps> = {
  endpoint: true,
  shares: { deployment: true, percent: true, mirrorPercent: true },
};

/**
 * Which deployment of an endpoint answers how many of its requests: all on one, blue and green side by side, or a copy to
 * one that is tried out.
 *
 * All deployments of the endpoint that have no share get none. Before a deployment is removed from the stack, an apply must
 * have brought its share to 0: Azure refuses the others' 100 percent beside its own.
 *
 * It is set once the deployments are there, set again whenever the endpoint is written (which would else forget it), and
 * taken away before deployments are removed, which Azure refuses while they have traffic.
 *
 * Source: "Perform safe rollout of new deployments for real-time inference".
 */
export class EndpointTraffic extends Construct {
  readonly resource: AzapiUpdateResource;
  readonly endpoint: OnlineEndpoint;
  /** What takes the traffic away on destroy. */
  readonly release: AzapiResourceAction;

  constructor(scope: Construct, id: string, props: EndpointTrafficProps) {
    super(scope, id);
    requireKnownProps(this, props, ENDPOINT_TRAFFIC_PROPS);
    const { endpoint, shares } = props;
    this.endpoint = endpoint;
    this.requireOneStack(endpoint);
    this.check(endpoint, shares);
    const azure = requireAzureWorkspace(this, endpoint.compute.workspace, 'an online endpoint');
    const meta = { provider: azure.azapiProvider };
    const mirrored = shares.some(({ mirrorPercent = 0 }) => mirrorPercent > 0);
    if (mirrored) {
      addWarning(
        this,
        'mirrorPercent is set, and Azure ML does not copy requests of endpoints on Kubernetes so far; ' +
          'give the deployment a small percent in its place',
      );
    }
    // The provider merges this into what Azure has: a deployment that is to get nothing must be named with 0.
    const traffic = () => percentsOf(endpoint, shares, 'percent');
    const mirrorTraffic = () => percentsOf(endpoint, shares, 'mirrorPercent');
    // Those of another stack are refused below, once all is declared.
    const deployments = () =>
      endpoint.deployments
        .filter((each) => this.isInStackOf(each))
        .map(({ resource }) => dependable(resource));
    this.release = new AzapiResourceAction(this, 'Release', {
      type: ENDPOINT_TYPE,
      resourceId: endpoint.resource.id,
      method: 'PUT',
      when: 'destroy',
      body: {
        location: azure.location,
        identity: {
          type: 'UserAssigned',
          userAssignedIdentities: { [endpoint.identity.identityId]: {} },
        },
        properties: {
          authMode: 'Key',
          compute: endpoint.compute.computeId,
          traffic: {},
          mirrorTraffic: {},
        },
      },
      ...meta,
    });
    this.resource = new AzapiUpdateResource(this, 'Traffic', {
      type: ENDPOINT_TYPE,
      resourceId: endpoint.resource.id,
      body: {
        properties: {
          traffic: Lazy.anyValue({ produce: traffic }),
          mirrorTraffic: mirrored ? Lazy.anyValue({ produce: mirrorTraffic }) : undefined,
        },
      },
      ...meta,
    });
    this.node.defaultChild = this.resource;
    // As cdktf 0.21 writes `replaceTriggeredBy`, within braces, Terraform does not read it.
    const { terraformResourceType, friendlyUniqueId } = endpoint.resource;
    this.resource.addOverride('lifecycle.replace_triggered_by', [
      `${terraformResourceType}.${friendlyUniqueId}`,
    ]);
    // Deployments may be declared after their traffic.
    this.release.dependsOn = Lazy.listValue({ produce: deployments });
    this.resource.dependsOn = Lazy.listValue({
      produce: () => [...deployments(), dependable(this.release)],
    });
    const percents = shares.map(({ deployment, percent = 0, mirrorPercent = 0 }) => [
      deployment.deploymentName,
      percent,
      mirrorPercent,
    ]);
    endpoint._setTraffic(this.resource, hashOf(percents));
    this.node.addValidation({ validate: () => this.deploymentsElsewhere(endpoint) });
    requireUnique(
      this,
      ['endpoint traffic', endpoint.node.path],
      (other) =>
        `the traffic of ${endpoint.node.path} is also set by ${other.node.path}; declare it once, with all its shares`,
    );
  }

  /** Terraform neither waits for nor watches a resource of another stack. */
  private requireOneStack(endpoint: OnlineEndpoint): void {
    if (!this.isInStackOf(endpoint)) {
      const [own, other] = [this, endpoint].map((each) => TerraformStack.of(each).node.path);
      throw new ConstructError(
        this,
        `it is in the stack "${own}" but ${endpoint.node.path} is in "${other}", where writing the ` +
          'endpoint would take its traffic away unseen; declare the traffic there',
      );
    }
  }

  private deploymentsElsewhere({ deployments }: OnlineEndpoint): string[] {
    return deployments
      .filter((each) => !this.isInStackOf(each))
      .map(
        (each) =>
          `${this.node.path}: the deployment ${each.node.path} is in another stack, for which Terraform does not wait here; ` +
          `declare it in "${TerraformStack.of(this).node.path}"`,
      );
  }

  private isInStackOf(other: IConstruct): boolean {
    return TerraformStack.of(this) === TerraformStack.of(other);
  }

  private check(endpoint: OnlineEndpoint, shares: readonly TrafficShare[]): void {
    const names = shares.map(({ deployment }) => deployment.deploymentName);
    const stranger = shares.find(({ deployment }) => deployment.endpoint !== endpoint);
    if (stranger) {
      throw new ConstructError(
        this,
        `${stranger.deployment.node.path} is a deployment of ${stranger.deployment.endpoint.node.path}, not of ` +
          `${endpoint.node.path}; traffic goes to an endpoint's own deployments`,
      );
    }
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new ConstructError(this, `the deployment "${twice}" has two shares; give it one`);
    }
    for (const { deployment, percent = 0, mirrorPercent = 0 } of shares) {
      const name = deployment.deploymentName;
      requireKnownNumber(this, `percent of "${name}"`, percent, wholeNumber(0, 100));
      requireKnownNumber(this, `mirrorPercent of "${name}"`, mirrorPercent, wholeNumber(0, 50));
      if (percent > 0 && mirrorPercent > 0) {
        throw new ConstructError(
          this,
          `"${name}" has ${percent} percent of the requests and a copy of ${mirrorPercent} percent; ` +
            'a deployment gets one or the other: leave percent or mirrorPercent out',
        );
      }
    }
    const total = shares.reduce((sum, { percent = 0 }) => sum + percent, 0);
    if (!Token.isUnresolved(total) && total !== 100) {
      throw new ConstructError(
        this,
        `the deployments' percents make ${total}; expected 100, shared among ${names.join(', ') || 'at least one deployment'}`,
      );
    }
    const mirrored = shares.filter(({ mirrorPercent = 0 }) => mirrorPercent > 0);
    if (mirrored.length > 1) {
      throw new ConstructError(
        this,
        `${mirrored.map(({ deployment }) => deployment.deploymentName).join(' and ')} get a copy of the requests; Azure copies to one deployment only`,
      );
    }
  }
}

/** A percent for each of the endpoint's deployments. */
function percentsOf(
  endpoint: OnlineEndpoint,
  shares: readonly TrafficShare[],
  kind: 'percent' | 'mirrorPercent',
): Record<string, number> {
  return Object.fromEntries(
    endpoint.deployments.map((each) => [
      each.deploymentName,
      shares.find(({ deployment }) => deployment === each)?.[kind] ?? 0,
    ]),
  );
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
