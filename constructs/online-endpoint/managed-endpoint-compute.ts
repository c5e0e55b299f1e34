import { dependable, Fn, Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { SERVER_VARIABLES } from '../../lib/contract/environment';
import { SERVICE_PORT } from '../../lib/contract/image-layout';
import { LIVENESS_PATH, READINESS_PATH } from '../../lib/contract/operations';
import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { requireSoftware } from '../accelerator/model-server';
import { limitedName } from '../azure/derived-name';
import { imageConfiguration } from '../image/image-configuration';
import { ScoringImage } from '../image/scoring-image';
import type { IScoringImage } from '../image/scoring-image-reference';
import { dependablesFor } from '../terraform/dependables';
import { jsonTemplate } from '../terraform/json-template';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { isSameValue, requireKnown, requireNumber } from '../validation/synth-value';
import type { ICompute, WebserviceSpecification } from '../webservice/compute';
import { AddressType, WebserviceProtocol, type WebserviceEndpoint } from '../webservice/webservice';
import { type IWorkspace, requireAzureWorkspace } from '../workspace/workspace-reference';
import type { OnlineAutoscaling } from './deployment-settings';
import { EndpointTraffic } from './endpoint-traffic';
import { OnlineDeployment } from './online-deployment';
import { OnlineEndpoint } from './online-endpoint';
import { ScoringEnvironment } from './scoring-environment';

/** Workspace, machines and network of a service on a managed online endpoint. */
export interface ManagedEndpointComputeProps {
  /** Workspace of the endpoint. Must be on Azure. */
  readonly workspace: IWorkspace;
  /**
   * Image of the scoring server, in the registry of the workspace or in a public one.
   * @default - an image that contains the model, built by the workspace's container registry
   */
  readonly image?: IScoringImage | undefined;
  /** Size of the virtual machines. Each runs one replica. @default 'Standard_F4s_v2' */
  readonly instanceType?: string | undefined;
  /** @default - the number of replicas of the service */
  readonly autoscaling?: OnlineAutoscaling | undefined;
  /**
   * Whether the Internet reaches the endpoint. Without it, callers need a private endpoint of the workspace.
   * @default true
   */
  readonly publicNetworkAccess?: boolean | undefined;
  /**
   * Whether the machines may call the Internet.
   * @default true
   */
  readonly egressPublicNetworkAccess?: boolean | undefined;
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
}

const PROPS: KnownKeys<ManagedEndpointComputeProps> = {
  workspace: true,
  image: true,
  instanceType: true,
  autoscaling: {
    minReplicas: true,
    maxReplicas: true,
    targetUtilizationPercent: true,
    pollingIntervalSeconds: true,
  },
  publicNetworkAccess: true,
  egressPublicNetworkAccess: true,
  tags: true,
};

const HTTPS_PORT = 443;
/** Time limit of a request. Azure ML's maximum is 180 seconds, and its default 5. */
const REQUEST_TIMEOUT_MS = 60_000;
/** As in the scoring server. */
const DEFAULT_MAX_IN_FLIGHT = 32;

/** By web service. */
const endpoints = new WeakMap<IConstruct, OnlineEndpoint>();

/**
 * Runs a web service on a managed online endpoint of Azure ML: the scoring image as a custom container, on virtual machines that Azure
 * patches and replaces. Azure ML terminates TLS and checks the keys, which are its own, and forwards REST but not gRPC.
 *
 * Set `ssl: SslSettings.managed()`. To rotate a key, run `az ml online-endpoint regenerate-keys`; Terraform reads the keys whenever it
 * plans.
 *
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-deploy-custom-container
 */
export class ManagedEndpointCompute implements ICompute {
  /**
   * Returns the endpoint of a web service that runs on a managed online endpoint.
   * @throws ConstructError if the web service runs elsewhere
   */
  static endpointOf(webservice: IConstruct): OnlineEndpoint {
    const found = endpoints.get(webservice);
    if (!found) {
      throw new ConstructError(
        webservice,
        'the service does not run on a managed online endpoint; pass a service whose compute is ManagedEndpointCompute',
      );
    }
    return found;
  }

  constructor(private readonly props: ManagedEndpointComputeProps) {}

  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    requireKnownProps(scope, this.props, PROPS);
    const { workspace, instanceType, autoscaling, publicNetworkAccess, egressPublicNetworkAccess, tags } =
      this.props;
    const { model, replicas, maxInFlight = DEFAULT_MAX_IN_FLIGHT } = specification;
    requireManagedAccess(scope, specification);
    requireSoftware(scope, model, 'add software to the stage to run it on CPUs, or use another compute');
    requireKnown(scope, "the model's name", model.modelName);
    requireNumber(scope, 'replicas', replicas, wholeNumber(1));
    const parts = new Construct(scope, 'ManagedEndpoint');
    const image = this.props.image ?? new ScoringImage(scope, 'Image', { model });
    requireOwnRegistry(scope, image, workspace);
    const endpoint = new OnlineEndpoint(parts, 'Endpoint', {
      workspace,
      publicNetworkAccess,
      name: limitedName(specification.serviceName, 32),
      tags,
    });
    endpoints.set(scope, endpoint);
    const environment = new ScoringEnvironment(parts, 'Environment', {
      workspace,
      image: image.imageUri,
      routes: {
        port: SERVICE_PORT,
        scoringPath: `/v1/models/${model.modelName}:predict`,
        livenessPath: LIVENESS_PATH,
        readinessPath: READINESS_PATH,
      },
      tags,
    });
    // Without a health port, the server answers probes on the port of the requests, the only one that Azure ML knows.
    const configuration = { ...imageConfiguration(specification, {}), healthPort: undefined };
    const deployment = new OnlineDeployment(parts, 'Deployment', {
      endpoint,
      environment,
      instanceType,
      replicas: autoscaling ? undefined : replicas,
      autoscaling,
      egressPublicNetworkAccess,
      requestSettings: {
        timeoutMilliseconds: REQUEST_TIMEOUT_MS,
        maxConcurrentRequestsPerReplica: maxInFlight,
      },
      environmentVariables: { [SERVER_VARIABLES.configuration]: jsonTemplate(configuration) },
      tags,
    });
    deployment.resource.dependsOn = [
      ...(deployment.resource.dependsOn ?? []),
      ...dependablesFor(scope, image.dependables).map((each) => dependable(each)),
    ];
    new EndpointTraffic(parts, 'Traffic', { endpoint, shares: [{ deployment, percent: 100 }] });
    const host = Token.asString(Fn.element(Fn.split('/', endpoint.scoringUri), 2));
    return {
      address: host,
      addressType: AddressType.HOSTNAME,
      port: HTTPS_PORT,
      protocol: WebserviceProtocol.REST,
      hostname: host,
      primaryKey: endpoint.primaryKey,
      secondaryKey: endpoint.secondaryKey,
      revision: endpoint.revision,
      dependables: endpoint.dependables,
    };
  }
}

/** TLS and keys are Azure ML's. */
function requireManagedAccess(scope: Construct, { ssl, keys }: WebserviceSpecification): void {
  if (!ssl?.managed || ssl.hostname !== undefined) {
    throw new ConstructError(
      scope,
      'a managed online endpoint has the certificate and the host name of Azure ML; set ssl: SslSettings.managed(), without hostname',
    );
  }
  const { primaryRotation = '1', secondaryRotation = '1' } = keys?.generated ?? {};
  if ((keys && !keys.generated) || primaryRotation !== '1' || secondaryRotation !== '1') {
    throw new ConstructError(
      scope,
      'keys is set, but Azure ML generates the keys of a managed online endpoint; remove keys, and rotate a key with ' +
        '"az ml online-endpoint regenerate-keys"',
    );
  }
}

/** The endpoint's identity may pull from the registry of the workspace. */
function requireOwnRegistry(scope: Construct, image: IScoringImage, workspace: IWorkspace): void {
  const { containerRegistryId: own } = requireAzureWorkspace(scope, workspace, 'an online endpoint');
  const { containerRegistryId: needed } = image;
  if (needed !== undefined && (own === undefined || !isSameValue(scope, needed, own))) {
    throw new ConstructError(
      scope,
      `the image is in the registry ${needed}, from which the endpoint may not pull; push it to the registry of the workspace`,
    );
  }
}
