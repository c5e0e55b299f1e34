import { Fn, TerraformLocal, Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';

import { SERVER_FILES } from '../../lib/contract/folder-layout';
import type { FpgaMachineConfiguration } from '../../lib/contract/fpga-machine-configuration';
import { ACCELERATOR_HOST, FPGA_CONFIGURATION_VERSION } from '../../lib/contract/fpga-machine-layout';
import {
  LinuxVirtualMachineScaleSet,
  MarketplaceAgreement,
  RoleAssignment,
  UserAssignedIdentity,
} from '../bindings/azurerm';
import type { ModelServerProtocol } from '../accelerator/model-server';
import { AZURE_NAMES, azureName } from '../azure/azure-name';
import type { WebserviceSpecification } from '../webservice/compute';
import { ConstructError } from '../validation/construct-error';
import { imageConfiguration } from '../image/image-configuration';
import { registryOf } from '../image/registry-host';
import type { IScoringImage } from '../image/scoring-image-reference';
import type { IPrivateNetwork } from '../network/private-network-reference';
import { dependablesFor } from '../terraform/dependables';
import { jsonTemplate } from '../terraform/json-template';
import { oncePerStack } from '../terraform/once-per-stack';
import { withoutRepeats } from '../validation/synth-value';
import { rolloutConnections } from '../webservice/rollout';
import type { WebserviceEndpoint } from '../webservice/webservice';
import { fpgaCustomData } from './fpga-cloud-init';
import type { FpgaImageReference } from './fpga-image';
import { FpgaNetwork, type FpgaCommon } from './fpga-network';
import { FpgaSecrets } from './fpga-secrets';

/** Container that uses an FPGA. @internal */
export interface FpgaAcceleratorContainer {
  readonly image: string;
  readonly containerRegistryId?: string | undefined;
  readonly protocol: ModelServerProtocol;
  readonly port: number;
  /** Number of FPGAs. */
  readonly devices: number;
  readonly entrypoint?: string | undefined;
  readonly args: readonly string[];
  readonly environment: Record<string, string>;
  readonly modelName?: string | undefined;
  readonly modelVersion?: string | undefined;
  readonly inputTensor?: string | undefined;
  readonly outputTensor?: string | undefined;
  readonly maxBatch?: number | undefined;
  readonly maxBatchDelayMs?: number | undefined;
  readonly maxMessageBytes?: number | undefined;
}

/** @internal */
export interface FpgaServiceProps {
  readonly common: FpgaCommon;
  readonly specification: WebserviceSpecification;
  readonly image: IScoringImage;
  readonly accelerator: FpgaAcceleratorContainer;
  readonly vmSizeName: string;
  readonly machineImage: FpgaImageReference;
  readonly port: number;
  readonly adminUsername: string;
  readonly sshPublicKey: string;
  readonly osDiskSizeGb?: number | undefined;
  readonly machineZones?: string[] | undefined;
  readonly addressZones: string[];
  readonly allowedSourceRanges?: string[] | undefined;
  readonly metricsSourceRanges?: string[] | undefined;
  readonly subnetId?: string | undefined;
  /** Network of the machines and of a private address. @default - a public address */
  readonly network?: IPrivateNetwork | undefined;
  readonly addressSpace: string;
  readonly keyVaultId?: string | undefined;
  readonly secretsOfficers?: readonly string[] | undefined;
}

/** Azure applies new user data batch by batch. Machines need time to fetch their images. */
const PAUSE_BETWEEN_BATCHES = 'PT5M';
const BATCH_SECONDS = 300;
/** Time limit of the first boot, which installs packages and pulls both images. An accelerator's image may be large. */
const FIRST_BOOT_SECONDS = 1800;

/** By web service. */
const services = new WeakMap<IConstruct, FpgaService>();

/** Resources that `FpgaCompute` declares for a web service. */
export class FpgaService extends Construct {
  /**
   * Returns the resources of a web service that runs on FPGA machines.
   * @throws ConstructError if the web service does not run on FPGA machines
   */
  static of(webservice: IConstruct): FpgaService {
    const found = services.get(webservice);
    if (!found) {
      throw new ConstructError(
        webservice,
        'the service does not run on FPGA machines; pass a service whose compute is FpgaCompute',
      );
    }
    return found;
  }

  readonly network: FpgaNetwork;
  /** Managed identity with which the machines fetch images and secrets. */
  readonly identity: UserAssignedIdentity;
  /** Roles of the identity, to pull images and to read the service's secrets. */
  readonly roleAssignments: RoleAssignment[] = [];
  /** @default - no TLS */
  readonly secrets?: FpgaSecrets | undefined;
  /** @default - the image has no terms, or they are already accepted */
  readonly marketplaceAgreement?: MarketplaceAgreement | undefined;
  /** Configuration of the machines, before encoding. Contains no secrets. */
  readonly configuration: TerraformLocal;
  readonly scaleSet: LinuxVirtualMachineScaleSet;
  readonly endpoint: WebserviceEndpoint;

  /** @internal Called only by a compute. */
  static _declare(scope: Construct, id: string, props: FpgaServiceProps): FpgaService {
    return new FpgaService(scope, id, props);
  }

  private constructor(
    scope: Construct,
    id: string,
    private readonly props: FpgaServiceProps,
  ) {
    super(scope, id);
    services.set(scope, this);
    const { common, specification, image, port, keyVaultId, secretsOfficers } = props;
    const { ssl, keys, replicas } = specification;
    this.network = FpgaNetwork._declare(this, 'Network', {
      common,
      port,
      zones: props.addressZones,
      addressSpace: props.addressSpace,
      allowedSourceRanges: props.allowedSourceRanges,
      metricsSourceRanges: props.metricsSourceRanges,
      subnetId: props.subnetId ?? props.network?.nodeSubnetId,
      frontendSubnetId: props.network?.serviceSubnetId,
    });
    this.identity = new UserAssignedIdentity(this, 'Identity', {
      ...common,
      name: azureName(this, AZURE_NAMES.managedIdentity),
    });
    const imageIsThere = dependablesFor(this, image.dependables);
    const vaultIsReachable = dependablesFor(this, specification.model.workspace?.azure?.dependables ?? []);
    if (ssl) {
      this.secrets = FpgaSecrets._declare(this, 'Secrets', {
        common,
        ssl,
        keys,
        keyVaultId,
        // A new role assignment takes effect after some minutes; building the image takes longer.
        secretsOfficers,
        after: [...(secretsOfficers ? imageIsThere : []), ...vaultIsReachable],
      });
    }
    this.grantRoles();
    this.marketplaceAgreement = this.agreement();
    this.configuration = new TerraformLocal(this, 'Configuration', jsonTemplate(this.machineConfiguration()));
    this.scaleSet = this.machines();
    this.node.defaultChild = this.scaleSet;
    this.endpoint = {
      address: this.network.address,
      isPrivate: this.network.publicIp === undefined,
      port,
      hostname: ssl?.hostname,
      ...this.secrets?._endpointKeys,
      rootCertificateFile: ssl?.rootCertificateFile,
      rollout: {
        connections: rolloutConnections(replicas),
        timeoutSeconds: FIRST_BOOT_SECONDS + (this.batches - 1) * BATCH_SECONDS,
      },
      // A machine reports the hash of its user data.
      revision: Token.asString(Fn.sha256(this.configuration.asString)),
      reportsRevision: true,
      loadBalancer: {
        loadBalancerId: this.network.loadBalancer.id,
        resourceGroupName: common.resourceGroupName,
        provider: common.provider,
      },
      dependables: [this.scaleSet, this.network.rule],
    };
  }

  private get batches(): number {
    return Math.ceil(100 / this.batchPercent);
  }

  private get batchPercent(): number {
    return Math.max(20, Math.ceil(100 / this.props.specification.replicas));
  }

  private machines(): LinuxVirtualMachineScaleSet {
    const { common, machineImage, adminUsername, sshPublicKey, osDiskSizeGb, image } = this.props;
    const { plan, imageId, version } = machineImage;
    const { replicas } = this.props.specification;
    return new LinuxVirtualMachineScaleSet(this, 'ScaleSet', {
      ...common,
      name: azureName(this, AZURE_NAMES.virtualMachineScaleSet),
      computerNamePrefix: 'scoring',
      sku: this.props.vmSizeName,
      instances: replicas,
      // Overprovisioned machines would be billed until Azure deletes them.
      overprovision: false,
      adminUsername,
      disablePasswordAuthentication: true,
      adminSshKey: [{ username: adminUsername, publicKey: sshPublicKey }],
      zones: this.props.machineZones,
      plan: plan && { publisher: plan.publisher, product: plan.offer, name: plan.plan },
      ...(imageId === undefined
        ? plan && {
            sourceImageReference: {
              publisher: plan.publisher,
              offer: plan.offer,
              sku: plan.plan,
              version: version ?? 'latest',
            },
          }
        : { sourceImageId: imageId }),
      osDisk: {
        caching: 'ReadWrite',
        storageAccountType: 'Premium_LRS',
        diskSizeGb: osDiskSizeGb,
      },
      networkInterface: [
        {
          name: 'service',
          primary: true,
          networkSecurityGroupId: this.network.securityGroup.id,
          ipConfiguration: [
            {
              name: 'service',
              primary: true,
              subnetId: this.network.subnetId,
              loadBalancerBackendAddressPoolIds: [this.network.backendPool.id],
            },
          ],
        },
      ],
      identity: { type: 'UserAssigned', identityIds: [this.identity.id] },
      customData: fpgaCustomData(),
      userData: Fn.base64encode(this.configuration.asString),
      bootDiagnostics: {},
      healthProbeId: this.network.probe.id,
      upgradeMode: 'Rolling',
      rollingUpgradePolicy: {
        maxBatchInstancePercent: this.batchPercent,
        // A fix must be deployable even if all machines are unhealthy.
        maxUnhealthyInstancePercent: 100,
        maxUnhealthyUpgradedInstancePercent: replicas === 1 ? 100 : 20,
        pauseTimeBetweenBatches: PAUSE_BETWEEN_BATCHES,
        prioritizeUnhealthyInstancesEnabled: true,
      },
      automaticInstanceRepair: { enabled: true, gracePeriod: 'PT60M' },
      dependsOn: [
        ...this.network.dependables,
        ...dependablesFor(this, this.props.network?.dependables ?? []),
        ...this.roleAssignments,
        ...(this.secrets?.secrets ?? []),
        ...(this.marketplaceAgreement ? [this.marketplaceAgreement] : []),
        ...dependablesFor(this, image.dependables),
      ],
    });
  }

  /** Returns the configuration that `machine/fpga/configure` reads. */
  private machineConfiguration(): FpgaMachineConfiguration {
    const { specification, image, accelerator, port, metricsSourceRanges } = this.props;
    const { protocol, modelName, modelVersion, inputTensor, outputTensor } = accelerator;
    const { maxBatch, maxBatchDelayMs, maxMessageBytes } = accelerator;
    const urls = this.secrets?._urls;
    return {
      version: FPGA_CONFIGURATION_VERSION,
      identityClientId: this.identity.clientId,
      registries: [
        image,
        { imageUri: accelerator.image, containerRegistryId: accelerator.containerRegistryId },
      ]
        .filter(({ containerRegistryId }) => containerRegistryId !== undefined)
        .map(({ imageUri }) => `https://${registryOf(imageUri)}`),
      scoring: {
        image: image.imageUri,
        port,
        healthAddress: metricsSourceRanges && '0.0.0.0',
      },
      accelerator: {
        image: accelerator.image,
        devices: accelerator.devices,
        entrypoint: accelerator.entrypoint,
        args: [...accelerator.args],
        environment: accelerator.environment,
      },
      secrets: urls,
      server: imageConfiguration(specification, {
        tls: urls && { certificateFile: SERVER_FILES.certificate, privateKeyFile: SERVER_FILES.privateKey },
        keyFile: urls?.keys && SERVER_FILES.keys,
        accelerator: {
          protocol,
          address: `${ACCELERATOR_HOST}:${accelerator.port}`,
          modelName,
          modelVersion,
          inputTensor,
          outputTensor,
          maxBatch,
          maxBatchDelayMs,
          maxMessageBytes,
        },
      }),
    };
  }

  private grantRoles(): void {
    const { image, accelerator } = this.props;
    const registries = [image.containerRegistryId, accelerator.containerRegistryId];
    withoutRepeats(this, registries).forEach((registry, index) => {
      // Machines pull their images when they start.
      this.grant(index === 0 ? 'PullRole' : 'AcceleratorPullRole', 'AcrPull', registry);
    });
    for (const { id, resourceId } of this.secrets?._readable ?? []) {
      // Machines read the certificate and the keys: these secrets, and no others of the vault.
      this.grant(id, 'Key Vault Secrets User', resourceId);
    }
  }

  private grant(id: string, roleDefinitionName: string, scope: string): void {
    const { provider } = this.props.common;
    this.roleAssignments.push(
      new RoleAssignment(this, id, {
        scope,
        roleDefinitionName,
        principalId: this.identity.principalId,
        principalType: 'ServicePrincipal',
        provider,
      }),
    );
  }

  private agreement(): MarketplaceAgreement | undefined {
    const { machineImage, common } = this.props;
    const { plan, acceptsTerms } = machineImage;
    if (!plan || !acceptsTerms) {
      return undefined;
    }
    // azurerm fails if the terms are already accepted, and Azure has one acceptance per subscription: the services of a
    // stack share it.
    const { provider } = common;
    const id = ['MarketplaceAgreement', plan.publisher, plan.offer, plan.plan, provider?.node.id ?? []]
      .flat()
      .join('-');
    return oncePerStack(this, id, (stack) => new MarketplaceAgreement(stack, id, { ...plan, provider }));
  }
}
