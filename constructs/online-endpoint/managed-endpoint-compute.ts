import { dependable, Fn, Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { SERVER_VARIABLES } from '../../lib/contract/environment';
import { SERVICE_PORT } from '../../lib/contract/image-layout';
import { DEFAULT_MAX_IN_FLIGHT, LIVENESS_PATH, READINESS_PATH } from '../../lib/contract/operations';
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
import { OnlineEndpoint, requireOnlineName } from './online-endpoint';
import { ScoringEnvironment } from './scoring-environment';

/** Workspace, machines and network of a service on a managed online endpoint. */
export interface ManagedEndpointComputeProps {
  /** Workspace of the service's own endpoint. Must be on Azure. @default - that of `endpoint` */
  readonly workspace?: IWorkspace | undefined;
  /**
   * Endpoint that several services share. Each is a deployment of it, and `EndpointTraffic` divides the requests between them. The
   * services must have models of the same name, which callers request.
   * @default - the service has an endpoint of its own, and gets all requests
   */
  readonly endpoint?: OnlineEndpoint | undefined;
  /**
   * Name of the deployment: 3 to 32 letters, digits and `-`. The services of an endpoint are often named `blue` and `green`.
   * @default 'blue'
   */
  readonly deploymentName?: string | undefined;
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
  endpoint: true,
  deploymentName: true,
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
/** First web service of each shared endpoint, and its model. */
const served = new WeakMap<OnlineEndpoint, { readonly service: IConstruct; readonly modelName: string }>();
/** By web service. */
const deployments = new WeakMap<IConstruct, OnlineDeployment>();

/**
 * Runs a web service on a managed online endpoint of Azure ML: the scoring image as a custom container, on virtual machines that Azure
 * patches and replaces. Azure ML terminates TLS and checks the keys, which are its own, and forwards REST but not gRPC.
 *
 * For blue/green, declare the endpoint yourself and a service for each version with `endpoint` and `deploymentName`, and divide the
 * requests with `EndpointTraffic`. A smoke test of such a service calls its deployment before it gets requests.
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
    return ManagedEndpointCompute.deploymentOf(webservice).endpoint;
  }

  /**
   * Returns the deployment that is a web service on a managed online endpoint, for a share of `EndpointTraffic`.
   * @throws ConstructError if the web service runs elsewhere
   */
  static deploymentOf(webservice: IConstruct): OnlineDeployment {
    const found = deployments.get(webservice);
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
    const {
      instanceType,
      autoscaling,
      egressPublicNetworkAccess,
      deploymentName = 'blue',
      tags,
    } = this.props;
    const { model, replicas, maxInFlight = DEFAULT_MAX_IN_FLIGHT } = specification;
    requireManagedAccess(scope, specification);
    requireSoftware(scope, model, 'add software to the stage to run it on CPUs, or use another compute');
    requireKnown(scope, "the model's name", model.modelName);
    requireNumber(scope, 'replicas', replicas, wholeNumber(1));
    const workspace = this.workspaceOf(scope);
    requireOnlineName(scope, 'deploymentName', deploymentName);
    const parts = new Construct(scope, 'ManagedEndpoint');
    const image = this.props.image ?? new ScoringImage(scope, 'Image', { model });
    requireOwnRegistry(scope, image, workspace);
    const shared = this.props.endpoint;
    if (shared) {
      requireFreeName(scope, shared, deploymentName);
      requireSameModel(scope, shared, model.modelName);
    }
    const endpoint = shared ?? this.ownEndpoint(parts, workspace, specification);
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
      name: deploymentName,
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
    deployments.set(scope, deployment);
    deployment.resource.dependsOn = [
      ...(deployment.resource.dependsOn ?? []),
      ...dependablesFor(scope, image.dependables).map((each) => dependable(each)),
    ];
    if (!shared) {
      new EndpointTraffic(parts, 'Traffic', { endpoint, shares: [{ deployment, percent: 100 }] });
    }
    const host = Token.asString(Fn.element(Fn.split('/', endpoint.scoringUri), 2));
    // A service that shares its endpoint is ready before it gets requests.
    const ready = () => (shared ? deployment._direct : endpoint);
    return {
      address: host,
      addressType: AddressType.HOSTNAME,
      port: HTTPS_PORT,
      protocol: WebserviceProtocol.REST,
      hostname: host,
      primaryKey: endpoint.primaryKey,
      secondaryKey: endpoint.secondaryKey,
      deployment: shared && deployment,
      revision: ready().revision,
      // Records of a shared endpoint may be declared after the service.
      get dependables() {
        return ready().dependables;
      },
    };
  }

  private ownEndpoint(
    parts: Construct,
    workspace: IWorkspace,
    { serviceName }: WebserviceSpecification,
  ): OnlineEndpoint {
    const { publicNetworkAccess, tags } = this.props;
    const name = limitedName(serviceName, 32);
    return new OnlineEndpoint(parts, 'Endpoint', { workspace, publicNetworkAccess, name, tags });
  }

  private workspaceOf(scope: Construct): IWorkspace {
    const { workspace, endpoint, publicNetworkAccess } = this.props;
    if (!endpoint) {
      if (!workspace) {
        throw new ConstructError(
          scope,
          'neither workspace nor endpoint is set; set workspace, or endpoint to an OnlineEndpoint that several services share',
        );
      }
      return workspace;
    }
    const both = Object.entries({ workspace, publicNetworkAccess }).find(([, value]) => value !== undefined);
    if (both) {
      throw new ConstructError(
        scope,
        `endpoint and ${both[0]} are both set, but the latter is for an endpoint of its own; set it for ${endpoint.node.path} instead`,
      );
    }
    if (endpoint.compute) {
      throw new ConstructError(
        scope,
        `the endpoint ${endpoint.node.path} runs on ${endpoint.compute.node.path}; expected one on machines that Azure manages: set its ` +
          'workspace instead of its compute',
      );
    }
    return endpoint.workspace;
  }
}

/** Callers name the model in the path, and do not know which deployment will respond. */
function requireSameModel(scope: Construct, endpoint: OnlineEndpoint, modelName: string): void {
  const first = served.get(endpoint) ?? { service: scope, modelName };
  served.set(endpoint, first);
  if (first.modelName !== modelName) {
    throw new ConstructError(
      scope,
      `its model is "${modelName}", but ${first.service.node.path} on the same endpoint serves "${first.modelName}", which callers ` +
        'request of both; register both models as versions of one name',
    );
  }
}

function requireFreeName(scope: Construct, endpoint: OnlineEndpoint, name: string): void {
  const other = endpoint.deployments.find(({ deploymentName }) => deploymentName === name);
  if (other) {
    throw new ConstructError(
      scope,
      `${endpoint.node.path} already has a deployment "${name}" (${other.node.path}); set another deploymentName for one of them`,
    );
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
