import { Token, type TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import { PROBE_PORT } from '../../lib/contract/fpga-machine-layout';
import { HEALTH_PORT } from '../../lib/contract/image-layout';
import { PORT_NUMBER, wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { brainwaveStages, ModelServerProtocol } from '../accelerator/model-server';
import { AZURE_NAMES, regionName, requireAzureName } from '../azure/azure-name';
import { clientConfig } from '../azure/client-config';
import { requireKeyVaultId } from '../azure/key-vault-id';
import type { NetworkIsolation } from '../network/network-isolation';
import type { ICompute, WebserviceSpecification } from '../webservice/compute';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { addWarning } from '../validation/warning';
import { ScoringImage } from '../image/scoring-image';
import type { IScoringImage } from '../image/scoring-image-reference';
import { requireNumber } from '../validation/synth-value';
import { servicePort } from '../webservice/service-port';
import type { WebserviceEndpoint } from '../webservice/webservice';
import { FpgaImage } from './fpga-image';
import { FpgaService, type FpgaAcceleratorContainer } from './fpga-service';
import type { FpgaCommon } from './fpga-network';
import { FpgaVmSize } from './fpga-vm-size';

/** Container that runs `brainwave` stages on an FPGA. You provide the image, because it is specific to the model. */
export interface FpgaAcceleratorProps {
  /**
   * Image of a model server with the model compiled for the Alveo U250, such as AMD Inference Server:
   * `registry/name:tag`. It must serve the model of each `brainwave` stage under the stage's name.
   */
  readonly image: string;
  /**
   * ARM id of the image's registry, if it is an Azure container registry. The machines are assigned the role to pull from
   * it.
   * @default - the image can be pulled without authentication
   */
  readonly containerRegistryId?: string | undefined;
  /** @default ModelServerProtocol.KSERVE_V2 */
  readonly protocol?: ModelServerProtocol | undefined;
  /**
   * Port on which the container listens for plaintext gRPC.
   * @default - 8001, or 8500 with the TensorFlow Serving protocol
   */
  readonly port?: number | undefined;
  /**
   * Number of FPGAs per replica.
   * @default - all FPGAs of the machine
   */
  readonly devices?: number | undefined;
  /** @default - that of the image */
  readonly entrypoint?: string | undefined;
  /** @default - that of the image */
  readonly args?: string[] | undefined;
  /** Environment variables. Not for secrets: they are part of the synthesized JSON. @default - none */
  readonly environment?: Record<string, string> | undefined;
  /** Name of the model on the model server. @default - `model_ref` of the stage */
  readonly modelName?: string | undefined;
  /**
   * Version of the model on the model server. An empty string leaves the choice to the model server.
   * @default - `model_version` of the stage
   */
  readonly modelVersion?: string | undefined;
  /**
   * Name of the model's input tensor on the model server.
   * @default - the only input, or else the input named by the stage's `software`
   */
  readonly inputTensor?: string | undefined;
  /**
   * Name of the output tensor with the features on the model server.
   * @default - the only output, or else the output named by the stage's `software`
   */
  readonly outputTensor?: string | undefined;
  /**
   * Maximum number of images in one call to the model server. Larger batches are split into parallel calls.
   * @default 8
   */
  readonly maxBatch?: number | undefined;
  /**
   * Milliseconds that a request waits for others, to be sent with them in one call of at most `maxBatch` images. Set it for a
   * device that gains from larger batches and a model server that does not merge requests itself, as Triton does.
   * @default 0: each request is sent at once, alone
   */
  readonly maxBatchDelayMs?: number | undefined;
  /**
   * Maximum number of bytes of one message to or from the model server. Larger batches are split into parallel calls.
   * @default 4,194,304 (4 MiB), which gRPC servers accept unless they are configured otherwise
   */
  readonly maxMessageBytes?: number | undefined;
}

/** Virtual machines, containers and network settings of a service on FPGAs. */
export interface FpgaComputeProps {
  readonly accelerator: FpgaAcceleratorProps;
  /**
   * Content of a public key file, `ssh-rsa …` or `ssh-ed25519 …`. Password login is disabled and the SSH port is closed;
   * to open it, add a rule to `FpgaService.of(service).network.securityGroup`.
   */
  readonly sshPublicKey: string;
  /** @default FpgaVmSize.NP10S */
  readonly vmSize?: FpgaVmSize | undefined;
  /**
   * Image of the scoring server.
   * @default - an image that contains the model, built by the workspace's container registry
   */
  readonly image?: IScoringImage | undefined;
  /** Operating system image of the machines. @default FpgaImage.vitis() */
  readonly machineImage?: FpgaImage | undefined;
  /** @default - that of the workspace */
  readonly resourceGroupName?: string | undefined;
  /** Azure region, such as `westeurope`. @default - that of the workspace */
  readonly location?: string | undefined;
  /**
   * Regions that offer the NP series in addition to the known ones: East US, West US 2, South Central US, West Europe,
   * Southeast Asia, Japan East and Canada Central.
   * @default - none
   */
  readonly additionalRegions?: string[] | undefined;
  /** Port that clients connect to. @default - 443 with TLS, 80 without */
  readonly port?: number | undefined;
  /**
   * Client address ranges that can reach the service: CIDRs, or a single Azure service tag.
   * @default - any address
   */
  readonly allowedSourceRanges?: string[] | undefined;
  /**
   * Address ranges from which a Prometheus reads the metrics, on port 8081 of each machine: CIDRs, or a single Azure service tag.
   * @default - none: only the machine itself reaches the port
   */
  readonly metricsSourceRanges?: string[] | undefined;
  /**
   * ARM id of an existing subnet for the machines. Its security group, if any, must allow the service's port.
   * @default - the subnet of nodes of `networkIsolation`; without it, a new virtual network
   */
  readonly subnetId?: string | undefined;
  /**
   * Network of the machines and of the load balancer, which then has a private address. The subnet of the machines needs a way
   * out, to fetch images.
   * @default - that of the workspace, if it is isolated; else a public address
   */
  readonly networkIsolation?: NetworkIsolation | undefined;
  /** Address space of the new virtual network. @default '10.42.0.0/24' */
  readonly addressSpace?: string | undefined;
  /**
   * Availability zones of the public IP address. Changing them replaces the address.
   * @default - all three, if the region is known to have them, so that the address survives the loss of a zone
   */
  readonly addressZones?: string[] | undefined;
  /**
   * Availability zones of the machines. Not every zone of a region has FPGAs. Removing a zone replaces the scale set.
   * @default - chosen by Azure
   */
  readonly machineZones?: string[] | undefined;
  /** @default 'scoring' */
  readonly adminUsername?: string | undefined;
  /** @default - that of the image */
  readonly osDiskSizeGb?: number | undefined;
  /**
   * ARM id of the key vault to which keys and certificates are written unless they are already in a vault. The machines
   * read them from there. The vault must use Azure role-based access control.
   * @default - that of the workspace
   */
  readonly keyVaultId?: string | undefined;
  /**
   * Object ids of the identities that deploy. They are assigned the role "Key Vault Secrets Officer" on that vault. If a
   * pipeline plans as one identity and deploys as another, set the latter: the default differs between the two.
   * @default - the identity that runs Terraform, if the stack's Workspace creates the vault; else none
   */
  readonly secretsOfficers?: string[] | undefined;
  /**
   * azurerm provider of the service's resources, if the stack has several.
   * @default - that of the workspace
   */
  readonly provider?: TerraformProvider | undefined;
  /** @default - none, except those of Aspects */
  readonly tags?: Record<string, string> | undefined;
}

const FPGA_COMPUTE_PROPS: KnownKeys<FpgaComputeProps> = {
  accelerator: {
    image: true,
    containerRegistryId: true,
    protocol: true,
    port: true,
    devices: true,
    entrypoint: true,
    args: true,
    environment: true,
    modelName: true,
    modelVersion: true,
    inputTensor: true,
    outputTensor: true,
    maxBatch: true,
    maxBatchDelayMs: true,
    maxMessageBytes: true,
  },
  sshPublicKey: true,
  vmSize: true,
  image: true,
  machineImage: true,
  resourceGroupName: true,
  location: true,
  additionalRegions: true,
  port: true,
  allowedSourceRanges: true,
  metricsSourceRanges: true,
  subnetId: true,
  networkIsolation: true,
  addressSpace: true,
  addressZones: true,
  machineZones: true,
  adminUsername: true,
  osDiskSizeGb: true,
  keyVaultId: true,
  secretsOfficers: true,
  provider: true,
  tags: true,
};

/**
 * Retirement date of the NP series.
 * @see https://learn.microsoft.com/azure/virtual-machines/sizes/fpga-accelerated/np-family
 */
const RETIREMENT = '2027-05-31';
/**
 * Regions with the NP series. All of them have availability zones.
 * @see https://learn.microsoft.com/azure/virtual-machines/sizes/fpga-accelerated/np-series
 */
const REGIONS = [
  'eastus',
  'westus2',
  'southcentralus',
  'westeurope',
  'southeastasia',
  'japaneast',
  'canadacentral',
];
const ZONES = ['1', '2', '3'];
/** Ports of a machine that are in use, and by what. */
const RESERVED_PORTS: ReadonlyMap<number, string> = new Map([
  [PROBE_PORT, "the load balancer's health probe"],
  [HEALTH_PORT, 'metrics and health checks'],
]);
/**
 * A public IP address has 64,000 ports for outbound connections, of which each machine is allocated 1,024.
 * @see https://learn.microsoft.com/azure/load-balancer/outbound-rules
 */
const MAX_MACHINES = 62;

/**
 * Runs a web service on virtual machines with FPGAs (Alveo U250) behind a load balancer with a static IP address. AKS is
 * not an option: the Xilinx runtime supports Ubuntu 18.04 and 20.04, and AKS nodes run later versions.
 *
 * Each replica is a machine that runs the scoring server and the accelerator's container, which has exclusive use of the
 * machine's FPGAs. Enabling TLS or changing the model, an image, the keys or the certificate updates running machines:
 * the configuration is in their user data, which they poll every 30 seconds. A certificate renewed by Key Vault is served
 * within minutes, without an apply. A new version of a key's secret is deployed by the next apply, which sets the version.
 * No change affects the IP address or the load balancer. The machines' scripts are installed at first boot: if a release of
 * this library changes them, reimage the machines (`az vmss reimage`).
 *
 * `FpgaService.of(service)` returns the declared resources.
 */
export class FpgaCompute implements ICompute {
  constructor(private readonly props: FpgaComputeProps) {}

  bind(scope: Construct, specification: WebserviceSpecification): WebserviceEndpoint {
    requireKnownProps(scope, this.props, FPGA_COMPUTE_PROPS);
    const { props } = this;
    const { ssl, model } = specification;
    const vmSize = props.vmSize ?? FpgaVmSize.NP10S;
    const accelerator = this.accelerator(scope, vmSize);
    const common = this.common(scope, specification);
    this.checkRegion(scope, common.location);
    const port = this.port(scope, ssl !== undefined);
    this.checkMachine(scope);
    this.checkDevices(scope, specification.replicas, vmSize);
    if (model.serviceDefinition && brainwaveStages(model).length === 0) {
      addWarning(
        scope,
        `the model "${model.modelName}" has no brainwave stage, so its FPGAs stay unused; ` +
          'make the stage a brainwave stage, or choose a compute without FPGAs',
      );
    }
    addWarning(
      scope,
      `Azure retires the NP series (${vmSize.name}) on ${RETIREMENT} and stops its machines; ` +
        'AksCompute with Accelerator.gpu(…) runs the same model definition',
    );
    const keyVaultId = props.keyVaultId ?? model.workspace?.azure?.keyVaultId;
    const secretsOfficers = this.secretsOfficers(scope, specification, common);
    const machines = FpgaService._declare(scope, 'Fpga', {
      common,
      specification,
      image: props.image ?? new ScoringImage(scope, 'Image', { model }),
      accelerator,
      vmSizeName: vmSize.name,
      machineImage: (props.machineImage ?? FpgaImage.vitis()).bind(scope),
      port,
      adminUsername: props.adminUsername ?? 'scoring',
      sshPublicKey: props.sshPublicKey.trim(),
      addressZones: props.addressZones ?? (isKnownRegion(common.location) ? ZONES : []),
      addressSpace: props.addressSpace ?? '10.42.0.0/24',
      osDiskSizeGb: props.osDiskSizeGb,
      machineZones: props.machineZones,
      allowedSourceRanges: props.allowedSourceRanges,
      metricsSourceRanges: props.metricsSourceRanges,
      subnetId: props.subnetId,
      network: (props.networkIsolation ?? model.workspace?.azure?.networkIsolation)?.network,
      keyVaultId,
      secretsOfficers,
    });
    return machines.endpoint;
  }

  private accelerator(scope: Construct, vmSize: FpgaVmSize): FpgaAcceleratorContainer {
    // Missing in an untyped program; empty if a pipeline variable is.
    const given = this.props.accelerator as FpgaAcceleratorProps | undefined;
    if (!given?.image) {
      throw new ConstructError(
        scope,
        'accelerator.image is missing; set it to the image of a model server with the model compiled for the ' +
          'Alveo U250 that supports the gRPC API of KServe or TensorFlow Serving',
      );
    }
    const { protocol = ModelServerProtocol.KSERVE_V2, args = [], environment = {}, ...others } = given;
    const { devices = vmSize.devices } = given;
    const { port = protocol === ModelServerProtocol.KSERVE_V2 ? 8001 : 8500 } = given;
    requireNumber(scope, 'accelerator.port', port, PORT_NUMBER);
    requireNumber(scope, 'accelerator.maxBatch', given.maxBatch, wholeNumber(1));
    requireNumber(scope, 'accelerator.maxBatchDelayMs', given.maxBatchDelayMs, wholeNumber(0));
    requireNumber(scope, 'accelerator.maxMessageBytes', given.maxMessageBytes, wholeNumber(65_536));
    return { ...others, protocol, port, devices, args, environment };
  }

  private common(scope: Construct, { model }: WebserviceSpecification): FpgaCommon {
    const azure = model.workspace?.azure;
    const { tags } = this.props;
    const resourceGroupName = this.props.resourceGroupName ?? azure?.resourceGroupName;
    const location = this.props.location ?? azure?.location;
    const provider = this.props.provider ?? azure?.provider;
    if (resourceGroupName === undefined || location === undefined) {
      throw new ConstructError(
        scope,
        `the model "${model.modelName}" is not registered in a workspace on Azure, so resourceGroupName and location are ` +
          'missing; register it in a Workspace, or set resourceGroupName and location',
      );
    }
    requireAzureName(scope, 'resourceGroupName', AZURE_NAMES.resourceGroup, resourceGroupName);
    return { resourceGroupName, location, tags, provider };
  }

  private checkRegion(scope: Construct, location: string): void {
    const { additionalRegions = [] } = this.props;
    if (
      Token.isUnresolved(location) ||
      isKnownRegion(location) ||
      additionalRegions.some((region) => regionName(region) === regionName(location))
    ) {
      return;
    }
    throw new ConstructError(
      scope,
      `location is "${location}", where Azure has no FPGA machines (NP series); expected one of ${REGIONS.join(', ')}; ` +
        `set location of FpgaCompute or, if Azure now offers them there, additionalRegions: ['${location}']`,
    );
  }

  private port(scope: Construct, tls: boolean): number {
    const { allowedSourceRanges, metricsSourceRanges } = this.props;
    const port = servicePort(scope, this.props.port, tls);
    const reserved = RESERVED_PORTS.get(port);
    if (reserved !== undefined) {
      throw new ConstructError(
        scope,
        `port is ${port}, which is reserved for ${reserved}; choose another port`,
      );
    }
    requireRanges(
      scope,
      'allowedSourceRanges',
      allowedSourceRanges,
      'would block every client; omit it to allow any address',
    );
    requireRanges(
      scope,
      'metricsSourceRanges',
      metricsSourceRanges,
      'opens the metrics to nobody; omit it, or set the ranges of your Prometheus',
    );
    return port;
  }

  private checkMachine(scope: Construct): void {
    const { sshPublicKey, adminUsername, osDiskSizeGb, keyVaultId } = this.props;
    if (!Token.isUnresolved(sshPublicKey)) {
      // The value may be a private key by mistake, so the message does not quote it.
      if (!/^ssh-(rsa|ed25519) [A-Za-z0-9+/]+={0,3}( .*)?$/.test(sshPublicKey.trim())) {
        throw new ConstructError(
          scope,
          'sshPublicKey is not a public key that Azure accepts; expected the content of a file such as ' +
            '~/.ssh/id_rsa.pub: "ssh-rsa …" or "ssh-ed25519 …" on one line',
        );
      }
    }
    if (
      adminUsername !== undefined &&
      !Token.isUnresolved(adminUsername) &&
      (!/^[a-z_][a-z0-9_-]{0,31}$/.test(adminUsername) || RESERVED_USERS.includes(adminUsername))
    ) {
      throw new ConstructError(
        scope,
        `adminUsername is "${adminUsername}"; expected 1 to 32 lowercase letters, digits, "-" and "_", starting with a letter, ` +
          `and none of ${RESERVED_USERS.join(', ')}`,
      );
    }
    requireNumber(scope, 'osDiskSizeGb', osDiskSizeGb, wholeNumber(30, 4095));
    if (keyVaultId !== undefined) {
      requireKeyVaultId(scope, 'keyVaultId', keyVaultId);
    }
  }

  /** Devices are not shared: each replica has its own machine, and can use at most the devices of that machine. */
  private checkDevices(scope: Construct, replicas: number, { name, devices }: FpgaVmSize): void {
    if (Token.isUnresolved(replicas)) {
      throw new ConstructError(
        scope,
        'replicas is known only at apply, but the size of upgrade batches is computed from it at synth; ' +
          'set a literal number',
      );
    }
    requireNumber(scope, 'replicas', replicas, {
      ...wholeNumber(1, MAX_MACHINES),
      expected: `a whole number from 1 to ${MAX_MACHINES}, because one IP address has outbound ports for ${MAX_MACHINES} machines`,
    });
    requireNumber(scope, 'devices of vmSize', devices, wholeNumber(1));
    const wanted = this.props.accelerator.devices;
    requireNumber(scope, 'accelerator.devices', wanted, wholeNumber(1));
    if (wanted !== undefined && wanted > devices) {
      throw new ConstructError(
        scope,
        `accelerator.devices is ${wanted}, but a ${name} machine has ${devices} and a replica runs on one machine; ` +
          'choose a larger vmSize or lower accelerator.devices',
      );
    }
  }

  private secretsOfficers(
    scope: Construct,
    { model, ssl }: WebserviceSpecification,
    common: FpgaCommon,
  ): string[] | undefined {
    const { secretsOfficers, keyVaultId } = this.props;
    if (!ssl) {
      return undefined;
    }
    if (secretsOfficers) {
      return secretsOfficers;
    }
    const { workspace } = model;
    return keyVaultId === undefined && workspace?.azure?.createsKeyVault === true
      ? [clientConfig(scope, common.provider).objectId]
      : undefined;
  }
}

/**
 * Some of the names that Azure rejects.
 * @see https://learn.microsoft.com/azure/virtual-machines/linux/faq
 */
const RESERVED_USERS = ['admin', 'administrator', 'root', 'guest', 'test', 'user'];

function isKnownRegion(location: string): boolean {
  return Token.isUnresolved(location) || REGIONS.includes(regionName(location));
}

/** @param empty what an empty list means, and the remedy */
function requireRanges(scope: Construct, option: string, ranges: string[] | undefined, empty: string): void {
  if (ranges?.length === 0) {
    throw new ConstructError(scope, `${option} is empty, which ${empty}`);
  }
  const tag = ranges?.find((range) => !Token.isUnresolved(range) && !/^[\d.:a-f]+(\/\d+)?$/i.test(range));
  if (tag !== undefined && ranges && ranges.length > 1) {
    throw new ConstructError(
      scope,
      `${option} contains the service tag "${tag}" and other ranges, but Azure accepts only a single tag; ` +
        'set either one service tag or only CIDRs',
    );
  }
}
