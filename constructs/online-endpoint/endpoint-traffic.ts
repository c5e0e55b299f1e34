import { Lazy, TerraformStack, Token, dependable } from 'cdktf';
import { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { AzapiResourceAction } from '../azapi/azapi-resource-action';
import { AzapiUpdateResource } from '../azapi/azapi-update-resource';
import { isInSameStack } from '../terraform/dependables';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireKnownNumber } from '../validation/synth-value';
import { requireUnique } from '../validation/unique';
import { addWarning } from '../validation/warning';
import { settingsVersion } from '../workspace/content-version';
import { requireAzureWorkspace } from '../workspace/workspace-reference';
import { ENDPOINT_TYPE } from './endpoint-keys';
import type { OnlineDeployment } from './online-deployment';
import type { OnlineEndpoint } from './online-endpoint';

/** Share of an endpoint's requests that a deployment receives. */
export interface TrafficShare {
  /** For a web service, `ManagedEndpointCompute.deploymentOf(service)`. */
  readonly deployment: OnlineDeployment;
  /**
   * Percentage of the requests that the deployment serves. The percentages of all deployments must add up to 100.
   * @default 0
   */
  readonly percent?: number | undefined;
  /**
   * Percentage of the requests that are mirrored to the deployment, whose responses are discarded. At most 50, and only for
   * one deployment that serves no requests. Not yet supported for Kubernetes endpoints; emits a warning.
   * @default 0
   */
  readonly mirrorPercent?: number | undefined;
}

/** Traffic of an endpoint. */
export interface EndpointTrafficProps {
  readonly endpoint: OnlineEndpoint;
  readonly shares: TrafficShare[];
}

const ENDPOINT_TRAFFIC_PROPS: KnownKeys<EndpointTrafficProps> = {
  endpoint: true,
  shares: { deployment: true, percent: true, mirrorPercent: true },
};

/**
 * Distributes the requests of an endpoint among its deployments: all to one deployment, split between blue and green, or
 * mirrored to a deployment under test.
 *
 * Deployments of the endpoint without a share receive no requests. Before you remove a deployment from the stack, set its
 * share to 0 and apply: otherwise, Azure rejects the total of more than 100 percent.
 *
 * The traffic is set after the deployments exist and those that get requests have passed their tests. It is set again whenever
 * the endpoint is written, which would reset it, and removed before deployments are destroyed, because Azure does not delete
 * deployments that have traffic.
 *
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-safely-rollout-online-endpoints
 */
export class EndpointTraffic extends Construct {
  readonly resource: AzapiUpdateResource;
  readonly endpoint: OnlineEndpoint;
  /** Resource that removes the traffic at destroy. */
  readonly release: AzapiResourceAction;

  constructor(scope: Construct, id: string, props: EndpointTrafficProps) {
    super(scope, id);
    requireKnownProps(this, props, ENDPOINT_TRAFFIC_PROPS);
    const { endpoint, shares } = props;
    this.endpoint = endpoint;
    this.requireOneStack(endpoint);
    this.check(endpoint, shares);
    const azure = requireAzureWorkspace(this, endpoint.workspace, 'an online endpoint');
    const meta = { provider: azure.azapiProvider };
    const mirrored = shares.some(({ mirrorPercent = 0 }) => mirrorPercent > 0);
    if (mirrored && endpoint.compute) {
      addWarning(
        this,
        'mirrorPercent is set, but Azure ML does not support mirroring for endpoints on Kubernetes yet; ' +
          'set a small percent for the deployment instead',
      );
    }
    // The provider merges this with the traffic in Azure, so deployments without traffic must be listed with 0.
    const traffic = () => percentsOf(endpoint, shares, 'percent');
    const mirrorTraffic = () => percentsOf(endpoint, shares, 'mirrorPercent');
    // Deployments of other stacks are rejected below, after everything is declared.
    const deployments = () =>
      endpoint.deployments
        .filter((each) => isInSameStack(this, each))
        .flatMap(({ dependables }) => dependables.map(dependable));
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
          ...endpoint._computeBody,
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
    // cdktf 0.21 writes `replaceTriggeredBy` as an interpolation, which Terraform rejects.
    const { terraformResourceType, friendlyUniqueId } = endpoint.resource;
    this.resource.addOverride('lifecycle.replace_triggered_by', [
      `${terraformResourceType}.${friendlyUniqueId}`,
    ]);
    // Deployments may be declared after their traffic.
    this.release.dependsOn = Lazy.listValue({ produce: deployments });
    // So are tests, which decide whether a deployment gets requests.
    const tests = () =>
      shares
        .filter(({ percent = 0, mirrorPercent = 0 }) => percent + mirrorPercent > 0)
        .flatMap(({ deployment }) => deployment._tests.map((each) => dependable(each)));
    this.resource.dependsOn = Lazy.listValue({
      produce: () => [...deployments(), ...tests(), dependable(this.release)],
    });
    const percents = shares.map(({ deployment, percent = 0, mirrorPercent = 0 }) => [
      deployment.deploymentName,
      percent,
      mirrorPercent,
    ]);
    endpoint._setTraffic(this.resource, settingsVersion(percents));
    this.node.addValidation({ validate: () => this.deploymentsElsewhere(endpoint) });
    requireUnique(
      this,
      ['endpoint traffic', endpoint.node.path],
      (other) =>
        `the traffic of ${endpoint.node.path} is also set by ${other.node.path}; declare it only once, with all shares`,
    );
  }

  /** Terraform neither waits for resources of another stack nor detects their changes. */
  private requireOneStack(endpoint: OnlineEndpoint): void {
    if (!isInSameStack(this, endpoint)) {
      const [own, other] = [this, endpoint].map((each) => TerraformStack.of(each).node.path);
      throw new ConstructError(
        this,
        `it is in the stack "${own}" but ${endpoint.node.path} is in "${other}", where a change of the ` +
          'endpoint would reset the traffic unnoticed; declare the traffic there',
      );
    }
  }

  private deploymentsElsewhere({ deployments }: OnlineEndpoint): string[] {
    return deployments
      .filter((each) => !isInSameStack(this, each))
      .map(
        (each) =>
          `${this.node.path}: the deployment ${each.node.path} is in another stack, for which Terraform does not wait; ` +
          `declare it in "${TerraformStack.of(this).node.path}"`,
      );
  }

  private check(endpoint: OnlineEndpoint, shares: readonly TrafficShare[]): void {
    const names = shares.map(({ deployment }) => deployment.deploymentName);
    const stranger = shares.find(({ deployment }) => deployment.endpoint !== endpoint);
    if (stranger) {
      throw new ConstructError(
        this,
        `${stranger.deployment.node.path} is a deployment of ${stranger.deployment.endpoint.node.path}, not of ` +
          `${endpoint.node.path}; remove it from the traffic of this endpoint`,
      );
    }
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new ConstructError(this, `the deployment "${twice}" has two shares; remove one of them`);
    }
    for (const { deployment, percent = 0, mirrorPercent = 0 } of shares) {
      const name = deployment.deploymentName;
      requireKnownNumber(this, `percent of "${name}"`, percent, wholeNumber(0, 100));
      requireKnownNumber(this, `mirrorPercent of "${name}"`, mirrorPercent, wholeNumber(0, 50));
      if (percent > 0 && mirrorPercent > 0) {
        throw new ConstructError(
          this,
          `"${name}" has both percent (${percent}) and mirrorPercent (${mirrorPercent}); ` +
            'remove one of them',
        );
      }
    }
    const total = shares.reduce((sum, { percent = 0 }) => sum + percent, 0);
    if (!Token.isUnresolved(total) && total !== 100) {
      throw new ConstructError(
        this,
        `the percentages of the deployments add up to ${total}; expected 100, shared among ${names.join(', ') || 'at least one deployment'}`,
      );
    }
    const mirrored = shares.filter(({ mirrorPercent = 0 }) => mirrorPercent > 0);
    if (mirrored.length > 1) {
      throw new ConstructError(
        this,
        `mirrorPercent is set for ${mirrored.map(({ deployment }) => deployment.deploymentName).join(' and ')}; Azure mirrors requests to only one deployment`,
      );
    }
  }
}

/** Returns the percentage of each deployment of the endpoint. */
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
