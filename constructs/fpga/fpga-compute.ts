import { Token, type TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';

import { PROBE_PORT } from '../../lib/contract/fpga-machine-layout';
import { PORT_NUMBER, wholeNumber } from '../../lib/validation/number-range';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { brainwaveStages, ModelServerProtocol } from '../accelerator/model-server';
import { AZURE_NAMES, requireAzureName } from '../azure/azure-name';
import { clientConfig } from '../azure/client-config';
import { requireKeyVaultId } from '../azure/key-vault-id';
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

/** The server that runs `brainwave` stages on an FPGA. There is none that runs every model: it is yours. */
export interface FpgaAcceleratorProps {
  /**
   * `registry/name:tag`: a model server with the model compiled for the Alveo U250, such as AMD's Inference Server. It is
   * asked for each `brainwave` stage's model by its name.
   */
  readonly image: string;
  /**
   * The image's registry, where it is an Azure container registry that the machines need a role to pull from: its
   * ARM id.
   * @default - the image can be pulled by anybody
   */
  readonly containerRegistryId?: string | undefined;
  /** @default ModelServerProtocol.KSERVE_V2 */
  readonly protocol?: ModelServerProtocol | undefined;
  /**
   * Where it listens for gRPC, in plaintext.
   * @default 8001, or 8500 with TensorFlow Serving's protocol
   */
  readonly port?: number | undefined;
  /**
   * FPGAs that a replica's container gets.
   * @default - all of its machine
   */
  readonly devices?: number | undefined;
  /** @default - the image's */
  readonly entrypoint?: string | undefined;
  /** @default - the image's */
  readonly args?: string[] | undefined;
  /** Nothing secret: it stands in the synthesized JSON. @default - none */
  readonly environment?: Record<string, string> | undefined;
  /**
   * The name of the model's input there.
   * @default - its only one, else the one that the stage's `software` names
   */
  readonly inputTensor?: string | undefined;
  /**
   * The name of the output with the features there.
   * @default - as `inputTensor`
   */
  readonly outputTensor?: string | undefined;
}

/** The machines with FPGAs, what runs on them, and how they are reached. */
export interface FpgaComputeProps {
  readonly accelerator: FpgaAcceleratorProps;
  /**
   * The content of a public key file, `ssh-rsa …` or `ssh-ed25519 …`. Machines have no password, and no way to them is
   * open: add a rule to `FpgaService.of(service).network.securityGroup` when you need one.
   */
  readonly sshPublicKey: string;
  /** @default FpgaVmSize.NP10S */
  readonly vmSize?: FpgaVmSize | undefined;
  /**
   * The image of the scoring server.
   * @default - one with the model is built in the workspace's container registry
   */
  readonly image?: IScoringImage | undefined;
  /** What the machines start from. @default FpgaImage.vitis() */
  readonly machineImage?: FpgaImage | undefined;
  /** @default - the workspace's */
  readonly resourceGroupName?: string | undefined;
  /** `westeurope`, for example. @default - the workspace's */
  readonly location?: string | undefined;
  /**
   * Regions beside those that had the NP series when this was written: East US, West US 2, South Central US, West
   * Europe, Southeast Asia, Japan East and Canada Central.
   * @default - none
   */
  readonly additionalRegions?: string[] | undefined;
  /** @default 443 with TLS, 80 without */
  readonly port?: number | undefined;
  /**
   * Who may call: CIDRs, or one of Azure's service tags.
   * @default - everybody
   */
  readonly allowedSourceRanges?: string[] | undefined;
  /**
   * The ARM id of a subnet for the machines. Its own security group, where it has one, must let the service's port in.
   * @default - a network of the service's own
   */
  readonly subnetId?: string | undefined;
  /** Of the service's own network. @default '10.42.0.0/24' */
  readonly addressSpace?: string | undefined;
  /**
   * Availability zones of the public address. Other zones make another address.
   * @default - all three where the region has them: the address outlives the loss of one
   */
  readonly addressZones?: string[] | undefined;
  /**
   * Availability zones of the machines. Not every zone of a region has FPGAs. Without one that it had, the scale set is
   * replaced.
   * @default - Azure chooses
   */
  readonly machineZones?: string[] | undefined;
  /** @default 'scoring' */
  readonly adminUsername?: string | undefined;
  /** @default - the image's */
  readonly osDiskSizeGb?: number | undefined;
  /**
   * Where keys and certificates that are not in a vault already are put for the machines to read: an ARM id. The
   * vault must use Azure's roles ("Azure role-based access control").
   * @default - the workspace's
   */
  readonly keyVaultId?: string | undefined;
  /**
   * Object ids of those who deploy and get the role "Key Vault Secrets Officer" on that vault for it. Where a pipeline plans
   * as one identity and deploys as another, name the latter: the default is another id for each.
   * @default - who runs Terraform, where the vault is made by the stack's own Workspace; else nobody: they have it
   */
  readonly secretsOfficers?: string[] | undefined;
  /**
   * The azurerm provider of the service's resources, where a stack has several.
   * @default - the workspace's
   */
  readonly provider?: TerraformProvider | undefined;
  /** @default - none but those of Aspects */
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
    inputTensor: true,
    outputTensor: true,
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
  subnetId: true,
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

/** The retirement of the series. Source: "NP family FPGA-accelerated VM size series". */
const RETIREMENT = '2027-05-31';
/** Source: "Products available by region". All of them have availability zones. */
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
/** An address has 64,000 ports for connections of machines, each of which gets 1,024. Source: "Outbound rules". */
const MAX_MACHINES = 62;

/**
 * Runs a web service on virtual machines with FPGAs (Alveo U250) behind a load balancer with a static address. AKS does
 * not fit: Xilinx's runtime runs on Ubuntu 18.04 and 20.04, and AKS has later ones.
 *
 * A replica is a machine: the scoring server and the accelerator's container, which has the machine's FPGAs to itself.
 * Turning TLS on, and another model, image, key or certificate, change running machines:
 * what they are to run is in their user data, which they look at every half minute. A certificate that Key Vault
 * renews is served within some minutes, without an apply; a new version of a key's secret comes with the next apply, which
 * names the version. Address and load balancer stay through every change. The machines' own scripts come with their first boot; a release of this library that changes
 * them reaches running machines when they are reimaged (`az vmss reimage`).
 *
 * `FpgaService.of(service)` has the resources themselves.
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
        `the model "${model.modelName}" has no brainwave stage: its FPGAs stay unused; ` +
          'make the stage a brainwave stage, or choose a compute without FPGAs',
      );
    }
    addWarning(
      scope,
      `Azure retires the NP series (${vmSize.name}) on ${RETIREMENT}: its machines stop then; ` +
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
      ...(props.osDiskSizeGb !== undefined && { osDiskSizeGb: props.osDiskSizeGb }),
      ...(props.machineZones && { machineZones: props.machineZones }),
      ...(props.allowedSourceRanges && { allowedSourceRanges: props.allowedSourceRanges }),
      ...(props.subnetId !== undefined && { subnetId: props.subnetId }),
      ...(keyVaultId !== undefined && { keyVaultId }),
      ...(secretsOfficers && { secretsOfficers }),
    });
    return machines.endpoint;
  }

  private accelerator(scope: Construct, vmSize: FpgaVmSize): FpgaAcceleratorContainer {
    // A program without types, or an empty variable of a pipeline, gives none.
    const given = this.props.accelerator as FpgaAcceleratorProps | undefined;
    if (!given?.image) {
      throw new ConstructError(
        scope,
        'there is no accelerator image, and an FPGA runs nothing by itself; set accelerator: { image: … } to a model ' +
          "server with the model compiled for the Alveo U250, which speaks KServe's or TensorFlow Serving's gRPC",
      );
    }
    const { protocol = ModelServerProtocol.KSERVE_V2, args = [], environment = {}, ...others } = given;
    const { devices = vmSize.devices } = given;
    const { port = protocol === ModelServerProtocol.KSERVE_V2 ? 8001 : 8500 } = given;
    requireNumber(scope, 'accelerator.port', port, PORT_NUMBER);
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
        `the model "${model.modelName}" is not registered in a workspace on Azure, which would say where the machines go; ` +
          'register it in a Workspace, or set resourceGroupName and location',
      );
    }
    requireAzureName(scope, 'resourceGroupName', AZURE_NAMES.resourceGroup, resourceGroupName);
    return { resourceGroupName, location, ...(tags && { tags }), ...(provider && { provider }) };
  }

  private checkRegion(scope: Construct, location: string): void {
    const { additionalRegions = [] } = this.props;
    if (
      Token.isUnresolved(location) ||
      isKnownRegion(location) ||
      additionalRegions.some((region) => plainRegion(region) === plainRegion(location))
    ) {
      return;
    }
    throw new ConstructError(
      scope,
      `location is "${location}", where Azure has no FPGA machines (NP series); expected one of ${REGIONS.join(', ')}; ` +
        `set location of FpgaCompute, or, where Azure has them there now, additionalRegions: ['${location}']`,
    );
  }

  private port(scope: Construct, tls: boolean): number {
    const { allowedSourceRanges } = this.props;
    const port = servicePort(scope, this.props.port, tls);
    if (port === PROBE_PORT) {
      throw new ConstructError(
        scope,
        `port is ${PROBE_PORT}, where the machines answer the load balancer's probe; choose another`,
      );
    }
    if (allowedSourceRanges?.length === 0) {
      throw new ConstructError(
        scope,
        'allowedSourceRanges is empty: nobody could call; leave it out for everybody',
      );
    }
    const tag = allowedSourceRanges?.find(
      (range) => !Token.isUnresolved(range) && !/^[\d.:a-f]+(\/\d+)?$/i.test(range),
    );
    if (tag !== undefined && allowedSourceRanges && allowedSourceRanges.length > 1) {
      throw new ConstructError(
        scope,
        `allowedSourceRanges has the service tag "${tag}" beside ${allowedSourceRanges.length - 1} others, and Azure accepts a tag only by itself; ` +
          'give the tag alone, or CIDRs alone',
      );
    }
    return port;
  }

  private checkMachine(scope: Construct): void {
    const { sshPublicKey, adminUsername, osDiskSizeGb, keyVaultId } = this.props;
    if (!Token.isUnresolved(sshPublicKey)) {
      // What it is instead may be a private key: it is not shown.
      if (!/^ssh-(rsa|ed25519) [A-Za-z0-9+/]+={0,3}( .*)?$/.test(sshPublicKey.trim())) {
        throw new ConstructError(
          scope,
          'sshPublicKey is no public key that Azure takes; expected the content of a file such as ~/.ssh/id_rsa.pub: ' +
            '"ssh-rsa …" or "ssh-ed25519 …" on one line',
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
        `adminUsername is "${adminUsername}"; expected 1 to 32 lower-case letters, digits, "-" and "_", beginning with a letter, ` +
          `and none of ${RESERVED_USERS.join(', ')}`,
      );
    }
    requireNumber(scope, 'osDiskSizeGb', osDiskSizeGb, wholeNumber(30, 4095));
    if (keyVaultId !== undefined) {
      requireKeyVaultId(scope, 'keyVaultId', keyVaultId);
    }
  }

  /** A device is not shared: a replica has a machine of its own, and no more devices than that has. */
  private checkDevices(scope: Construct, replicas: number, { name, devices }: FpgaVmSize): void {
    if (Token.isUnresolved(replicas)) {
      throw new ConstructError(
        scope,
        'replicas is a value that Terraform knows only at apply, but batches of machines are made of it at synth; ' +
          'give it as plain number',
      );
    }
    requireNumber(scope, 'replicas', replicas, {
      ...wholeNumber(1, MAX_MACHINES),
      expected: `a whole number from 1 to ${MAX_MACHINES}, the number of machines that the ports of one address suffice for`,
    });
    requireNumber(scope, 'devices of vmSize', devices, wholeNumber(1));
    const wanted = this.props.accelerator.devices;
    requireNumber(scope, 'accelerator.devices', wanted, wholeNumber(1));
    if (wanted !== undefined && wanted > devices) {
      throw new ConstructError(
        scope,
        `the accelerator wants ${wanted} FPGAs but a ${name} has ${devices}, and a replica runs on one machine; ` +
          'choose a larger vmSize or lower devices',
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

/** Some of those that Azure refuses. Source: "Frequently asked questions about Linux Virtual Machines". */
const RESERVED_USERS = ['admin', 'administrator', 'root', 'guest', 'test', 'user'];

/** `West Europe` and `westeurope` are one region. */
function plainRegion(region: string): string {
  return region.toLowerCase().replaceAll(' ', '');
}

function isKnownRegion(location: string): boolean {
  return Token.isUnresolved(location) || REGIONS.includes(plainRegion(location));
}
