import type {
  ContainerAppSecret,
  ContainerAppTemplate,
  ContainerAppTemplateContainer,
  ContainerAppTemplateContainerEnv,
} from '@cdktf/provider-azurerm/lib/container-app';
import { Fn, Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { REVISION_VARIABLE, SERVER_VARIABLES } from '../../lib/contract/environment';
import { HEALTH_PORT, repositoryCommand, SERVE_COMMAND, SERVICE_PORT } from '../../lib/contract/image-layout';
import { LIVENESS_PATH, READINESS_PATH } from '../../lib/contract/operations';
import { wholeNumber } from '../../lib/validation/number-range';
import { acceleratorSettings, type ModelServerContainer } from '../accelerator/model-server';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import { conventionalName } from '../azure/azure-naming';
import { limitedName } from '../azure/derived-name';
import { ContainerApp, RoleAssignment, UserAssignedIdentity } from '../bindings/azurerm';
import { imageConfiguration } from '../image/image-configuration';
import { registryOf } from '../image/registry-host';
import type { IScoringImage } from '../image/scoring-image-reference';
import { dependablesFor } from '../terraform/dependables';
import { jsonTemplate } from '../terraform/json-template';
import { TerraformData } from '../terraform/terraform-data';
import type { ApiKeysConfiguration } from '../tls-and-keys/api-keys';
import { requirePem } from '../tls-and-keys/provided-certificate';
import { endpointKeys, provideKeys, type EndpointKeys } from '../tls-and-keys/provided-keys';
import type { SslConfiguration } from '../tls-and-keys/ssl-settings';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { addWarning } from '../validation/warning';
import { requireNumber, withoutRepeats } from '../validation/synth-value';
import type { WebserviceSpecification } from '../webservice/compute';
import { rolloutConnections } from '../webservice/rollout';
import { AddressType, type WebserviceEndpoint } from '../webservice/webservice';
import { ContainerAppsDomain } from './container-apps-domain';
import type { IContainerAppsEnvironment } from './container-apps-environment-reference';
import type { ContainerAppsIngress, Http2IngressProps, TcpIngressProps } from './container-apps-ingress';
import type { RevisionShare } from './revision-traffic';
import type { WorkloadProfile } from './workload-profile';

/** What a container may use. @internal */
export interface ContainerShare {
  readonly cpuCores: number;
  readonly memoryGiB: number;
}

/** @internal */
export interface ContainerAppsServiceProps {
  readonly environment: IContainerAppsEnvironment;
  readonly specification: WebserviceSpecification;
  readonly image: IScoringImage;
  readonly workloadProfile: WorkloadProfile;
  readonly modelServer?: ModelServerContainer | undefined;
  readonly share: ContainerShare;
  readonly modelServerShare: ContainerShare;
  readonly ingress: ContainerAppsIngress;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** @default - a fixed number of replicas */
  readonly concurrentRequests?: number | undefined;
  /** @default - the latest revision gets all calls */
  readonly shares?: readonly RevisionShare[] | undefined;
  readonly tags?: Record<string, string> | undefined;
}

const HTTPS_PORT = 443;
const HTTP_PORT = 80;
const DEFAULT_TCP_PORT = 8443;
/** Time limit for a revision to start: image, model and, from 0 replicas, the machine. */
const START_SECONDS = 300;
/** The same with a model server, whose image can be larger than 10 GB. */
const MODEL_SERVER_START_SECONDS = 1800;
/** Azure's maximum number of failures of a probe. */
const MAX_FAILURES = 30;
/** Behind TCP ingress, callers keep their connections, so without a limit, replicas that are added get no calls. */
const MAX_CONNECTION_AGE_SECONDS = 300;
const REPOSITORY_VOLUME = 'model-repository';
const SECRETS = {
  primaryKey: 'primary-key',
  secondaryKey: 'secondary-key',
  certificate: 'certificate',
  privateKey: 'private-key',
} as const;

/** By web service. */
const services = new WeakMap<IConstruct, ContainerAppsService>();

/** Resources that `ContainerAppsCompute` declares for a web service. */
export class ContainerAppsService extends Construct {
  /**
   * Returns the resources of a web service that runs on Azure Container Apps.
   * @throws ConstructError if the web service does not run on Azure Container Apps
   */
  static of(webservice: IConstruct): ContainerAppsService {
    const found = services.get(webservice);
    if (!found) {
      throw new ConstructError(
        webservice,
        'the service does not run on Azure Container Apps; pass a service whose compute is ContainerAppsCompute',
      );
    }
    return found;
  }

  /** Identity with which Azure pulls the image and reads secrets of key vaults. */
  readonly identity: UserAssignedIdentity;
  /** Roles of the identity. */
  readonly roleAssignments: RoleAssignment[] = [];
  /** Resource whose id changes with everything that the replicas run. */
  readonly revision: TerraformData;
  /** Suffix of the name of the deployed revision. */
  readonly revisionSuffix: string;
  readonly app: ContainerApp;
  /** Certificate and binding of your own host name. @default - the host name is Azure's, or the server terminates TLS */
  readonly domain?: ContainerAppsDomain | undefined;
  readonly endpoint: WebserviceEndpoint;
  private readonly secrets: ContainerAppSecret[] = [];
  private readonly variables: ContainerAppTemplateContainerEnv[] = [];
  private certificateRevision: string | undefined;

  /** @internal Called only by a compute. */
  static _declare(scope: Construct, id: string, props: ContainerAppsServiceProps): ContainerAppsService {
    return new ContainerAppsService(scope, id, props);
  }

  private constructor(
    scope: Construct,
    id: string,
    private readonly props: ContainerAppsServiceProps,
  ) {
    super(scope, id);
    services.set(scope, this);
    const { environment, specification, image, ingress, minReplicas, shares } = props;
    const ssl = this.requireTls(specification.ssl);
    const port = this.requireIngress();
    const name =
      conventionalName(scope, AZURE_NAMES.containerApp) ??
      limitedName(specification.serviceName, AZURE_NAMES.containerApp.maxLength);
    const isTcp = ingress.transport === 'tcp';
    const { limitToEnvironment = false, allowedSourceRanges = [] } = ingress._props;
    this.identity = new UserAssignedIdentity(this, 'Identity', {
      ...this.common,
      location: environment.location,
      name: azureName(this, AZURE_NAMES.managedIdentity),
    });
    this.grantPull();
    const keys = specification.keys && this.passKeys(specification.keys);
    if (isTcp) {
      this.passCertificate(ssl);
    }
    const configuration = imageConfiguration(specification, {
      tlsTerminatedByProxy: isTcp ? undefined : true,
      secretsFromEnvironment: [
        ...(isTcp ? ['certificate' as const] : []),
        ...(keys ? ['keys' as const] : []),
      ],
      workers: Math.max(1, Math.floor(props.share.cpuCores)),
      maxConnectionAgeSeconds: isTcp ? MAX_CONNECTION_AGE_SECONDS : undefined,
      accelerator: props.modelServer && acceleratorSettings(props.modelServer),
    });
    const template = this.template(jsonTemplate(configuration));
    this.revision = new TerraformData(this, 'Revision', {
      triggersReplace: {
        template: jsonTemplate(template),
        model: specification.model.location?.revision,
        certificate: this.certificateRevision,
        keys: keys?.revision,
      },
    });
    this.revisionSuffix = suffixOf(this.revision.id);
    this.app = new ContainerApp(this, 'App', {
      ...this.common,
      name,
      containerAppEnvironmentId: environment.environmentId,
      workloadProfileName: props.workloadProfile.name,
      revisionMode: shares ? 'Multiple' : 'Single',
      identity: { type: 'UserAssigned', identityIds: [this.identity.id] },
      registry: this.registries.map((server) => ({ server, identity: this.identity.id })),
      secret: this.secrets,
      ingress: {
        externalEnabled: !limitToEnvironment,
        targetPort: SERVICE_PORT,
        transport: ingress.transport,
        exposedPort: isTcp ? port : undefined,
        allowInsecureConnections: false,
        ipSecurityRestriction: allowedSourceRanges.map((ipAddressRange, index) => ({
          name: `range-${index + 1}`,
          action: 'Allow',
          ipAddressRange,
        })),
        trafficWeight: (shares ?? [{ percent: 100 }]).map(
          ({ revisionSuffix, percent, label }: RevisionShare) => ({
            ...(revisionSuffix === undefined ? { latestRevision: true } : { revisionSuffix }),
            percentage: percent,
            label,
          }),
        ),
      },
      template: this.template(jsonTemplate(configuration), this.revision.id),
      dependsOn: [
        ...this.roleAssignments,
        ...dependablesFor(this, [...environment.dependables, ...image.dependables]),
      ],
    });
    this.node.defaultChild = this.app;
    const fqdn = this.fqdnOf(name);
    const { hostname = fqdn } = ssl;
    if (!isTcp && ssl.hostname !== undefined) {
      this.domain = ContainerAppsDomain._declare(this, 'Domain', {
        environment,
        app: this.app,
        hostname: ssl.hostname,
        ssl,
        webservice: scope,
      });
    }
    this.endpoint = {
      address: fqdn,
      addressType: AddressType.HOSTNAME,
      port,
      hostname,
      ...keys?.endpoint,
      rootCertificateFile: ssl.rootCertificateFile,
      revision: this.revision.id,
      reportsRevision: true,
      rollout: {
        connections: minReplicas === 0 ? 1 : rolloutConnections(minReplicas),
        timeoutSeconds: props.modelServer ? MODEL_SERVER_START_SECONDS : START_SECONDS,
        inspect: `az containerapp revision list --name ${name} --resource-group ${environment.resourceGroupName} --output table`,
      },
      testAddress: this.labelAddress(name),
      domainVerificationId: this.domain && environment.domainVerificationId,
      dependables: [this.app],
    };
  }

  /** Address of the deployed revision alone, if it has a label and not all of the calls. */
  private labelAddress(name: string): string | undefined {
    const { ingress, shares } = this.props;
    const share = shares?.find(({ revisionSuffix }) => revisionSuffix === undefined);
    if (!share || share.percent === 100) {
      return undefined;
    }
    if (share.label === undefined || ingress.transport === 'tcp') {
      addWarning(
        this,
        `the deployed revision gets ${share.percent} % of the calls, so a smoke test may never reach it; ` +
          (ingress.transport === 'tcp'
            ? 'use ContainerAppsIngress.http2(), and set a label for its share'
            : 'set a label for its share, which gives it an address of its own'),
      );
      return undefined;
    }
    return this.fqdnOf(`${name}---${share.label}`);
  }

  private fqdnOf(name: string): string {
    const { environment, ingress } = this.props;
    return `${name}${ingress._props.limitToEnvironment ? '.internal' : ''}.${environment.defaultDomain}`;
  }

  private get common() {
    const { environment, tags } = this.props;
    const { resourceGroupName, provider } = environment;
    return { resourceGroupName, provider, tags };
  }

  private requireTls(ssl: SslConfiguration | undefined): SslConfiguration {
    if (!ssl) {
      throw new ConstructError(
        this,
        'TLS is disabled, but the ingress of Azure Container Apps always has a certificate; set ssl: SslSettings.managed()',
      );
    }
    return ssl;
  }

  /** @returns the port that clients connect to */
  private requireIngress(): number {
    const { ingress, environment, specification } = this.props;
    const { transport, _props: props } = ingress;
    const known = { limitToEnvironment: true, allowedSourceRanges: true } as const;
    if (transport === 'tcp') {
      requireKnownProps<TcpIngressProps>(this, props, { ...known, port: true });
    } else {
      requireKnownProps<Http2IngressProps>(this, props, known);
    }
    const { allowedSourceRanges = [], limitToEnvironment = false, port = DEFAULT_TCP_PORT } = props;
    const broken = allowedSourceRanges.find(
      (range) => !Token.isUnresolved(range) && !/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(range),
    );
    if (broken !== undefined) {
      throw new ConstructError(
        this,
        `allowedSourceRanges contains "${broken}"; expected IPv4 CIDRs, such as 203.0.113.0/24`,
      );
    }
    if (transport !== 'tcp') {
      return HTTPS_PORT;
    }
    requireNumber(this, 'port', port, wholeNumber(1, 65_535));
    if (port === HTTPS_PORT || port === HTTP_PORT) {
      throw new ConstructError(
        this,
        `port is ${port}, which Azure Container Apps reserves for HTTP; set another port, such as ${DEFAULT_TCP_PORT}`,
      );
    }
    if (!limitToEnvironment && !environment.hasNetwork) {
      throw new ConstructError(
        this,
        `the environment ${environment.node.path} has no virtual network, which TCP ingress from outside requires; set subnetId of the ` +
          'environment, use ContainerAppsIngress.http2(), or set limitToEnvironment: true',
      );
    }
    if (specification.ssl?.managed) {
      throw new ConstructError(
        this,
        'SslSettings.managed() is a certificate of the ingress, but with ContainerAppsIngress.tcp() the server terminates TLS; use ' +
          'fromKeyVaultCertificate, fromVariables or fromPemFiles, or ContainerAppsIngress.http2()',
      );
    }
    return port;
  }

  /** The app reads keys that are in a vault from there, so Terraform does not. */
  private passKeys(keys: ApiKeysConfiguration): { revision: string | undefined; endpoint: EndpointKeys } {
    const { keyVault } = keys;
    if (keyVault) {
      const { primarySecret, secondarySecret } = keyVault;
      this.pass('primaryKey', '', primarySecret.url);
      this.pass('secondaryKey', '', secondarySecret.url);
      // The app reads these secrets, and no others of the vault.
      this.grant('PrimaryKeyRole', 'Key Vault Secrets User', primarySecret.resourceId);
      this.grant('SecondaryKeyRole', 'Key Vault Secrets User', secondarySecret.resourceId);
      return { revision: keys.revision, endpoint: { keyVaultKeys: keyVault } };
    }
    const values = provideKeys(this, keys);
    this.pass('primaryKey', values.primaryKey);
    this.pass('secondaryKey', values.secondaryKey);
    return { revision: values.revision, endpoint: endpointKeys(values) };
  }

  private passCertificate(ssl: SslConfiguration): void {
    const { keyVault } = ssl;
    if (keyVault) {
      const { keyVaultId, keyVaultUri, certificateName } = keyVault;
      // No version, because it may be renewed. The secret with the certificate's name also contains its key.
      this.pass('certificate', '', `${keyVaultUri}secrets/${certificateName}`);
      this.grant('CertificateRole', 'Key Vault Secrets User', `${keyVaultId}/secrets/${certificateName}`);
      return;
    }
    const pem = requirePem(this, ssl);
    this.pass('certificate', pem.certificate);
    this.pass('privateKey', pem.privateKey);
    this.certificateRevision = pem.revision;
  }

  /** Passes a secret to the server. Azure restarts a revision if a secret of a key vault that a variable contains has changed. */
  private pass(secret: keyof typeof SECRETS, value: string, keyVaultSecretId?: string): void {
    const name = SECRETS[secret];
    this.secrets.push(
      keyVaultSecretId === undefined
        ? { name, value }
        : { name, keyVaultSecretId, identity: this.identity.id },
    );
    this.variables.push({ name: SERVER_VARIABLES[secret], secretName: name });
  }

  /** Registries that require the identity. */
  private get registries(): string[] {
    const { image, modelServer } = this.props;
    return withoutRepeats(this, [
      image.containerRegistryId === undefined ? undefined : registryOf(image.imageUri),
      modelServer?.containerRegistryId === undefined ? undefined : registryOf(modelServer.image),
    ]);
  }

  private grantPull(): void {
    const { image, modelServer } = this.props;
    const registries = [image.containerRegistryId, modelServer?.containerRegistryId];
    withoutRepeats(this, registries).forEach((registry, index) => {
      // Each new replica pulls its images.
      this.grant(index === 0 ? 'PullRole' : 'ModelServerPullRole', 'AcrPull', registry);
    });
  }

  private grant(id: string, roleDefinitionName: string, scope: string): void {
    this.roleAssignments.push(
      new RoleAssignment(this, id, {
        scope,
        roleDefinitionName,
        principalId: this.identity.principalId,
        principalType: 'ServicePrincipal',
        provider: this.props.environment.provider,
      }),
    );
  }

  /** @param revision id of the revision; @default - that of which the template is a part */
  private template(configuration: string, revision?: string): ContainerAppTemplate {
    const { minReplicas, maxReplicas, concurrentRequests, ingress, modelServer, image } = this.props;
    const rule = concurrentRequests !== undefined && [
      { name: 'concurrent-requests', concurrentRequests: `${concurrentRequests}` },
    ];
    const folders = modelServer ? volumesOf(modelServer) : [];
    const scoring = this.scoringContainer(configuration, revision);
    return {
      revisionSuffix: revision && suffixOf(revision),
      minReplicas,
      maxReplicas,
      terminationGracePeriodSeconds: 60,
      ...(rule && (ingress.transport === 'tcp' ? { tcpScaleRule: rule } : { httpScaleRule: rule })),
      // Azure gives the GPU to the first container.
      container: modelServer ? [this.modelServerContainer(modelServer), scoring] : [scoring],
      ...(modelServer?.repositoryFolder !== undefined && {
        initContainer: [
          {
            name: REPOSITORY_VOLUME,
            image: image.imageUri,
            args: repositoryCommand(modelServer.repositoryFolder),
            cpu: this.props.share.cpuCores,
            memory: `${this.props.share.memoryGiB}Gi`,
            volumeMounts: [{ name: REPOSITORY_VOLUME, path: modelServer.repositoryFolder }],
          },
        ],
      }),
      volume: folders.map(({ name }) => ({ name, storageType: 'EmptyDir' })),
    };
  }

  private scoringContainer(
    configuration: string,
    revision: string | undefined,
  ): ContainerAppTemplateContainer {
    const { image, share, modelServer } = this.props;
    const startSeconds = modelServer ? MODEL_SERVER_START_SECONDS : START_SECONDS;
    const probe = { port: HEALTH_PORT, transport: 'HTTP', timeout: 5 };
    return {
      name: 'scoring',
      image: image.imageUri,
      args: SERVE_COMMAND,
      cpu: share.cpuCores,
      memory: `${share.memoryGiB}Gi`,
      env: [
        { name: SERVER_VARIABLES.configuration, value: configuration },
        ...(revision === undefined ? [] : [{ name: REVISION_VARIABLE, value: revision }]),
        ...this.variables,
      ],
      startupProbe: [
        {
          ...probe,
          path: READINESS_PATH,
          intervalSeconds: Math.ceil(startSeconds / MAX_FAILURES),
          failureCountThreshold: MAX_FAILURES,
        },
      ],
      readinessProbe: [
        {
          ...probe,
          path: READINESS_PATH,
          intervalSeconds: 5,
          failureCountThreshold: 2,
          successCountThreshold: 1,
        },
      ],
      livenessProbe: [{ ...probe, path: LIVENESS_PATH, intervalSeconds: 10, failureCountThreshold: 6 }],
    };
  }

  private modelServerContainer(server: ModelServerContainer): ContainerAppTemplateContainer {
    const { cpuCores, memoryGiB } = this.props.modelServerShare;
    return {
      name: server.name,
      image: server.image,
      command: server.command,
      args: server.args,
      cpu: cpuCores,
      memory: `${memoryGiB}Gi`,
      env: Object.entries(server.environment).map(([name, value]) => ({ name, value })),
      volumeMounts: volumesOf(server),
    };
  }
}

/** Hexadecimal digits of an id in a name: the first group of a UUID. */
const SHORT_ID = 8;

function suffixOf(revision: string): string {
  return `r${Token.asString(Fn.substr(revision, 0, SHORT_ID))}`;
}

function volumesOf(server: ModelServerContainer): { readonly name: string; readonly path: string }[] {
  return [
    ...(server.repositoryFolder === undefined
      ? []
      : [{ name: REPOSITORY_VOLUME, path: server.repositoryFolder }]),
    ...server.writableFolders.map((path, index) => ({ name: `writable-${index}`, path })),
  ];
}
