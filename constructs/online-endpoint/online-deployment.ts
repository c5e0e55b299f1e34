import { Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { AzapiResource } from '../azapi/azapi-resource';
import type { IRegisteredModel } from '../model/registered-model-reference';
import { literalText } from '../terraform/json-template';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { settingsVersion } from '../workspace/content-version';
import { requireAzureWorkspace } from '../workspace/workspace-reference';
import type { IScoringEnvironment } from './scoring-environment-reference';
import { requireScriptVariables } from './script-variables';
import { dependablesFor } from '../terraform/dependables';
import { requireNumber, requirePattern } from '../validation/synth-value';
import { requireUnique } from '../validation/unique';
import type { IWebserviceDeployment } from '../webservice/webservice';
import type { MonitorAutoscaleSetting } from '../bindings/azurerm';
import { CodeVersion } from './code-version';
import {
  autoscalingBody,
  probeBody,
  requestSettingsBody,
  resourcesBody,
  type OnlineAutoscaling,
  type OnlineProbe,
  type OnlineRequestSettings,
  type OnlineResources,
} from './deployment-settings';
import { managedAutoscaling } from './managed-autoscaling';
import { requireOnlineName, type OnlineEndpoint } from './online-endpoint';
import type { IOnlineDeployment } from './online-endpoint-reference';
import type { ScoringCode } from './scoring-code';

/** Properties of an online deployment. */
export interface OnlineDeploymentProps {
  readonly endpoint: OnlineEndpoint;
  /** Environment in which the entry script runs. */
  readonly environment: IScoringEnvironment;
  /** Scoring code with the entry script. @default - the environment's image has its own server, at its `routes` */
  readonly code?: ScoringCode | undefined;
  /**
   * Model that the entry script finds in `AZUREML_MODEL_DIR`: the folder of a `ModelFolder`, or the zip of a service
   * definition.
   * @default - none
   */
  readonly model?: IRegisteredModel | undefined;
  /**
   * Name: 3 to 32 letters, digits and `-`. Two deployments of an endpoint are often named `blue` and `green`.
   * @default 'blue'
   */
  readonly name?: string | undefined;
  /**
   * Instance type of the compute, or size of the virtual machines that Azure manages.
   * @default - the compute's first instance type, or Standard_F4s_v2
   */
  readonly instanceType?: string | undefined;
  /**
   * Fixed number of replicas.
   * @default 1, unless `autoscaling` is set
   */
  readonly replicas?: number | undefined;
  /** @default - `replicas` replicas */
  readonly autoscaling?: OnlineAutoscaling | undefined;
  /** @default - the resources of the instance type */
  readonly resources?: OnlineResources | undefined;
  /** @default - Azure ML's defaults */
  readonly livenessProbe?: OnlineProbe | undefined;
  /** @default - Azure ML's defaults */
  readonly readinessProbe?: OnlineProbe | undefined;
  /** @default - Azure ML's defaults */
  readonly startupProbe?: OnlineProbe | undefined;
  /** @default - Azure ML's defaults */
  readonly requestSettings?: OnlineRequestSettings | undefined;
  /**
   * Environment variables of the script. Do not use them for secrets: the synthesized JSON contains them, and everyone with
   * read access to the workspace can see them.
   * @default - none
   */
  readonly environmentVariables?: Record<string, string> | undefined;
  /**
   * Whether the machines that Azure manages may call the Internet. Without it, they reach only the resources of the workspace, over
   * private endpoints.
   * @default true
   */
  readonly egressPublicNetworkAccess?: boolean | undefined;
  /** Whether the deployment logs to the workspace's Application Insights. @default false */
  readonly applicationInsights?: boolean | undefined;
  /** @default - none */
  readonly description?: string | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
}

const ONLINE_DEPLOYMENT_PROPS: KnownKeys<OnlineDeploymentProps> = {
  endpoint: true,
  environment: true,
  code: true,
  model: true,
  name: true,
  instanceType: true,
  replicas: true,
  autoscaling: {
    minReplicas: true,
    maxReplicas: true,
    targetUtilizationPercent: true,
    pollingIntervalSeconds: true,
  },
  resources: { cpu: true, memory: true, cpuLimit: true, memoryLimit: true, gpus: true },
  livenessProbe: {
    initialDelaySeconds: true,
    periodSeconds: true,
    timeoutSeconds: true,
    successThreshold: true,
    failureThreshold: true,
  },
  readinessProbe: {
    initialDelaySeconds: true,
    periodSeconds: true,
    timeoutSeconds: true,
    successThreshold: true,
    failureThreshold: true,
  },
  startupProbe: {
    initialDelaySeconds: true,
    periodSeconds: true,
    timeoutSeconds: true,
    successThreshold: true,
    failureThreshold: true,
  },
  requestSettings: {
    timeoutMilliseconds: true,
    maxConcurrentRequestsPerReplica: true,
    maxQueueWaitMilliseconds: true,
  },
  environmentVariables: true,
  egressPublicNetworkAccess: true,
  applicationInsights: true,
  description: true,
  tags: true,
};

/** Azure ML's default. */
const DEFAULT_SIZE = 'Standard_F4s_v2';

const DEPLOYMENT_TYPE = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments@2025-06-01';

/**
 * A deployment of an endpoint: a model, the entry script that scores with it, and their environment. It receives no
 * requests until `EndpointTraffic` assigns it a share.
 */
export class OnlineDeployment extends Construct implements IOnlineDeployment, IWebserviceDeployment {
  readonly deploymentName: string;
  readonly endpoint: OnlineEndpoint;
  /** `undefined` if the environment's image has its own server. */
  readonly codeVersion?: CodeVersion | undefined;
  readonly resource: AzapiResource;
  /** @default - a fixed number of replicas, or the deployment is on a cluster */
  readonly autoscaleSetting?: MonitorAutoscaleSetting | undefined;
  readonly dependables: ITerraformDependable[];
  /** Value that changes when the deployment changes: the model, the code, the environment or the settings. */
  readonly revision: string;
  /** Tests that must pass before the deployment gets requests. */
  private readonly tests: ITerraformDependable[] = [];

  constructor(scope: Construct, id: string, props: OnlineDeploymentProps) {
    super(scope, id);
    requireKnownProps(this, props, ONLINE_DEPLOYMENT_PROPS);
    const { endpoint, environment, code, model, autoscaling, tags } = props;
    const { workspace } = endpoint;
    const azure = requireAzureWorkspace(this, workspace, 'an online deployment');
    this.endpoint = endpoint;
    this.deploymentName = props.name ?? 'blue';
    requireOnlineName(this, 'name', this.deploymentName);
    requireScriptVariables(
      this,
      'environmentVariables',
      props.environmentVariables ?? {},
      new Map(model ? [['AZUREML_MODEL_DIR', 'it is the path of the model']] : []),
    );
    this.requireServer(environment, code);
    this.requireSupported(props);
    const modelVersionId = this.modelVersionId(model);
    const instanceType = this.instanceType(props);
    const scaling = this.scaling(props);
    this.claimGpus(props, instanceType);
    if (code) {
      this.codeVersion = CodeVersion._declare(this, 'Code', { workspace, azure, code, tags: tags ?? {} });
    }
    const properties = {
      endpointComputeType: endpoint.compute ? 'Kubernetes' : 'Managed',
      model: modelVersionId,
      ...(code &&
        this.codeVersion && {
          codeConfiguration: { codeId: this.codeVersion.codeId, scoringScript: code.entryScript },
        }),
      environmentId: environment.environmentId,
      instanceType,
      scaleSettings: scaling,
      ...settingsOf(this, props),
    };
    this.resource = new AzapiResource(this, 'Deployment', {
      type: DEPLOYMENT_TYPE,
      name: this.deploymentName,
      parentId: endpoint.resource.id,
      location: azure.location,
      body: {
        properties,
        sku: { name: 'Default', capacity: this.capacity(props) },
      },
      tags,
      provider: azure.azapiProvider,
      dependsOn: dependablesFor(this, [
        ...endpoint.identity.roleAssignments,
        ...(model?.location?.dependable ? [model.location.dependable] : []),
        ...environment.dependables,
        ...(this.codeVersion?.dependables ?? []),
      ]),
    });
    this.node.defaultChild = this.resource;
    this.dependables = [this.resource];
    if (autoscaling && !endpoint.compute) {
      this.autoscaleSetting = managedAutoscaling(this, {
        ...{ autoscaling, azure, tags },
        deploymentId: this.resource.id,
      });
      // Changed by Azure Monitor.
      this.resource.addOverride('lifecycle.ignore_changes', ['body.sku.capacity']);
    }
    // Azure ML builds the environment's image first, which takes longer than most resources may.
    this.resource.addOverride('timeouts', { create: '120m', update: '120m', delete: '60m' });
    this.revision = [
      this.deploymentName,
      model?.location?.revision ?? '',
      code?.sha256 ?? '',
      environment.revision,
      settingsVersion(settingsOf(this, props)),
    ].join(':');
    endpoint._addDeployment(this, this.revision);
    requireUnique(
      this,
      ['online deployment', this.deploymentName, endpoint.node.path],
      (other) =>
        `the endpoint already has a deployment "${this.deploymentName}" (${other.node.path}); set another name for one of them`,
    );
  }

  /**
   * Adds a test of this deployment. `EndpointTraffic` gives the deployment a share of the requests once its tests have passed.
   */
  addTest(test: ITerraformDependable): void {
    this.tests.push(test);
  }

  /**
   * What calls to this deployment alone depend on, whatever share of the requests it gets.
   * @internal
   */
  get _direct(): { readonly revision: string; readonly dependables: ITerraformDependable[] } {
    const { endpoint, revision, dependables } = this;
    return {
      revision: `${endpoint.endpointName} ${revision}`,
      // Not the traffic, which waits for the tests.
      dependables: [...endpoint._callable, ...dependables],
    };
  }

  /** @internal */
  get _tests(): readonly ITerraformDependable[] {
    return this.tests;
  }

  private requireServer(environment: IScoringEnvironment, code: ScoringCode | undefined): void {
    const { answersByItself, node } = environment;
    if (!code && answersByItself === false) {
      throw new ConstructError(
        this,
        `code is not set and ${node.path} has no routes of its own server; set code, or routes of the environment`,
      );
    }
    if (code && answersByItself === true) {
      throw new ConstructError(
        this,
        `code is set but ${node.path} has routes of its own server; remove code, or routes of the environment`,
      );
    }
  }

  /** Clusters and the machines that Azure manages differ in some settings. */
  private requireSupported(props: OnlineDeploymentProps): void {
    const { resources, autoscaling, egressPublicNetworkAccess } = props;
    const { compute } = this.endpoint;
    const [what, remedy] = compute
      ? [
          egressPublicNetworkAccess !== undefined && 'egressPublicNetworkAccess',
          'restrict the network of the cluster',
        ]
      : resources
        ? ['resources', 'set instanceType']
        : [
            autoscaling?.pollingIntervalSeconds !== undefined && 'autoscaling.pollingIntervalSeconds',
            'remove it',
          ];
    if (what) {
      throw new ConstructError(
        this,
        `${what} is set, but the deployment runs on ${compute ? compute.node.path : 'machines that Azure manages'}; ${remedy}`,
      );
    }
  }

  private modelVersionId(model: IRegisteredModel | undefined): string | undefined {
    const versionId = model?.location?.azure?.modelVersionId;
    if (model && versionId === undefined) {
      throw new ConstructError(
        this,
        `the model "${model.modelName}" is not known to be registered on Azure; ` +
          'use ModelFolder, or RegisteredModel with a workspace on Azure',
      );
    }
    return versionId;
  }

  /** With autoscaling, only the number to start with. */
  private capacity({ endpoint, autoscaling, replicas = 1 }: OnlineDeploymentProps): number | undefined {
    return autoscaling ? (endpoint.compute ? undefined : (autoscaling.minReplicas ?? 1)) : replicas;
  }

  private instanceType({ instanceType, endpoint }: OnlineDeploymentProps): string {
    const { compute } = endpoint;
    if (!compute) {
      const size = instanceType ?? DEFAULT_SIZE;
      requirePattern(this, 'instanceType', size, /^Standard_\w+$/, `a VM size, such as ${DEFAULT_SIZE}`);
      return size;
    }
    const known = compute.instanceTypes?.map(({ name }) => name);
    const chosen = instanceType ?? known?.[0];
    if (chosen === undefined) {
      throw new ConstructError(
        this,
        `the instance types of ${compute.node.path} are unknown; set instanceType, or instanceTypes of the compute`,
      );
    }
    if (known && !Token.isUnresolved(chosen) && !known.includes(chosen)) {
      throw new ConstructError(
        this,
        `instanceType is "${chosen}", which ${compute.node.path} does not have; use one of ${known.join(', ')}`,
      );
    }
    return chosen;
  }

  private scaling({ replicas, autoscaling }: OnlineDeploymentProps): Readonly<Record<string, unknown>> {
    if (autoscaling && replicas !== undefined) {
      throw new ConstructError(
        this,
        'replicas and autoscaling are both set; remove one of them (autoscaling.minReplicas is the minimum number of replicas)',
      );
    }
    requireNumber(this, 'replicas', replicas, wholeNumber(1));
    return autoscaling && this.endpoint.compute
      ? autoscalingBody(this, autoscaling)
      : { scaleType: 'Default' };
  }

  /** Pods do not share a GPU, so a replica without an available GPU would wait forever. */
  private claimGpus(props: OnlineDeploymentProps, instanceType: string): void {
    const { endpoint, resources, autoscaling, replicas = 1 } = props;
    const { cluster, instanceTypes } = endpoint.compute ?? {};
    const gpus = resources?.gpus ?? instanceTypes?.find(({ name }) => name === instanceType)?.gpus;
    requireNumber(this, 'gpus', gpus, wholeNumber(0));
    if (cluster && gpus !== undefined && gpus > 0) {
      cluster.claimDevices(this, {
        property: autoscaling ? 'maxReplicas' : 'replicas',
        replicas: autoscaling?.maxReplicas ?? replicas,
        devicesPerReplica: gpus,
        devicesProperty: 'gpus',
      });
    }
  }
}

function settingsOf(scope: Construct, props: OnlineDeploymentProps): Readonly<Record<string, unknown>> {
  const { resources, livenessProbe, readinessProbe, startupProbe, requestSettings } = props;
  const { environmentVariables, applicationInsights = false, egressPublicNetworkAccess, description } = props;
  return {
    ...(egressPublicNetworkAccess !== undefined && {
      egressPublicNetworkAccess: egressPublicNetworkAccess ? 'Enabled' : 'Disabled',
    }),
    appInsightsEnabled: applicationInsights,
    containerResourceRequirements: resources && resourcesBody(scope, resources),
    livenessProbe: livenessProbe && probeBody(scope, 'livenessProbe', livenessProbe),
    readinessProbe: readinessProbe && probeBody(scope, 'readinessProbe', readinessProbe),
    startupProbe: startupProbe && probeBody(scope, 'startupProbe', startupProbe),
    requestSettings: requestSettings && requestSettingsBody(scope, requestSettings),
    environmentVariables:
      environmentVariables &&
      Object.fromEntries(
        Object.entries(environmentVariables).map(([name, value]) => [name, literalText(value)]),
      ),
    description: description && literalText(description),
  };
}
