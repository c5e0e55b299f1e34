import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { AssetType, TerraformAsset, Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { contentHash } from '../../lib/files/folder-content';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { wholeNumber } from '../../lib/validation/number-range';
import { nameFromPath } from '../azure/derived-name';
import { listsInferenceServer, SERVER_PACKAGES } from '../online-endpoint/conda-environment';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireScriptVariables } from '../online-endpoint/script-variables';
import type { IOnlineEndpoint } from '../online-endpoint/online-endpoint-reference';
import type { ScoringCode } from '../online-endpoint/scoring-code';
import { requireNumber } from '../validation/synth-value';
import type { TerraformData } from '../terraform/terraform-data';
import { ApiKeys } from '../tls-and-keys/api-keys';
import { SslSettings } from '../tls-and-keys/ssl-settings';
import { requireInput } from '../validation/input-file';
import { addWarning } from '../validation/warning';
import { LocalCompute } from './local-compute';
import { declareLocalWorkload } from './local-workload';

const DEFAULT_PORT = 8443;
/** Variables that the endpoint and the inference server set for the script, each with an explanation. */
const OWN_VARIABLES = new Map([
  ['AZUREML_MODEL_DIR', 'it is the path of the copy of model'],
  ['AZUREML_ENTRY_SCRIPT', 'use entryScript of the code instead'],
  ['AML_APP_ROOT', 'it is the path of the copy of the code'],
  ['WORKER_COUNT', 'use workers instead'],
  ['SERVER_PORT', 'use port of compute instead'],
  ['PYTHONUNBUFFERED', 'the output of the script is logged immediately'],
  ['PYTHONDONTWRITEBYTECODE', 'the copy of the code stays unchanged'],
]);

/** Entry script, environment and access of a local online endpoint. */
export interface LocalOnlineEndpointProps {
  /** The entry script, which runs unchanged on Azure. */
  readonly code: ScoringCode;
  /** Model folder or file, which the script finds by its name in `AZUREML_MODEL_DIR`. */
  readonly model: string;
  /**
   * pip requirements file of the script. It must list `azureml-inference-server-http`, or `azureml-defaults`, which contains
   * it. The packages are installed into a
   * separate environment, which is reused until the file changes.
   */
  readonly requirements: string;
  /**
   * Name of the endpoint on this machine.
   * @default - derived from the construct's path
   */
  readonly name?: string | undefined;
  /** @default - port 8443 of the loopback address */
  readonly compute?: LocalCompute | undefined;
  /** @default - a self-signed certificate for scoring.localhost */
  readonly ssl?: SslSettings | undefined;
  /** @default - generated at apply */
  readonly keys?: ApiKeys | undefined;
  /**
   * Number of scoring processes.
   * @default 1
   */
  readonly workers?: number | undefined;
  /**
   * Environment variables of the script, in addition to those that the endpoint sets, such as `AZUREML_MODEL_DIR`. They
   * are stored in the stack and its state, so do not use them for secrets. From the environment of the process that
   * applies the stack, the script inherits only machine settings such as `PATH`, proxies, `LD_LIBRARY_PATH` and `CUDA_*`.
   * @default - none
   */
  readonly environment?: Record<string, string> | undefined;
  /**
   * Maximum size of a request body, in bytes.
   * @default 10485760
   */
  readonly maxRequestBytes?: number | undefined;
}

const LOCAL_ONLINE_ENDPOINT_PROPS: KnownKeys<LocalOnlineEndpointProps> = {
  code: true,
  model: true,
  requirements: true,
  name: true,
  compute: true,
  ssl: true,
  keys: true,
  workers: true,
  environment: true,
  maxRequestBytes: true,
};

/**
 * An online endpoint on this machine: Azure ML's inference server runs the entry script, behind a server that checks
 * `Authorization: Bearer <key>` as Azure does. It requires Python. Its keys, certificate and log are in
 * `.cdktf-brainwave/endpoints/<name>` in the project's folder. Linux and macOS only.
 */
export class LocalOnlineEndpoint extends Construct implements IOnlineEndpoint {
  readonly endpointName: string;
  readonly scoringUri: string;
  readonly address?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly rootCertificateFile?: string | undefined;
  readonly revision: string;
  readonly dependables: ITerraformDependable[];
  /** The `terraform_data` that configures the endpoint. */
  readonly resource: TerraformData;

  constructor(scope: Construct, id: string, props: LocalOnlineEndpointProps) {
    super(scope, id);
    requireKnownProps(this, props, LOCAL_ONLINE_ENDPOINT_PROPS);
    const { code, model, requirements, workers = 1, environment = {}, maxRequestBytes = 10_485_760 } = props;
    const compute = props.compute ?? new LocalCompute({ port: DEFAULT_PORT });
    compute._requireAddress(this);
    const { address, port, portVariable, healthAddress, healthPort } = compute;
    requireCount(this, 'workers', workers);
    requireCount(this, 'maxRequestBytes', maxRequestBytes);
    requireScriptVariables(this, 'environment', environment, OWN_VARIABLES);
    const name = props.name ?? nameFromPath(this);
    const ssl = (props.ssl ?? SslSettings.selfSigned({ hostname: 'scoring.localhost' })).bind(this);
    const keys = ssl && (props.keys ?? ApiKeys.generated()).bind(this);
    if (!ssl) {
      addWarning(
        this,
        'TLS is disabled and keys are checked only with TLS: anyone who can connect to the address can call; set ssl',
      );
    }

    const codeAsset = this.asset('Code', code.folder, code.sha256);
    const modelAsset = this.asset('Model', model, this.modelHash(model));
    const requirementsAsset = this.asset('Requirements', requirements, this.requirementsHash(requirements));

    const { resource, keyFile, rootCertificateFile } = declareLocalWorkload(this, {
      specification: {
        kind: 'endpoint',
        name,
        address,
        port,
        portVariable,
        code: codeAsset.path,
        entryScript: code.entryScript,
        model: { path: modelAsset.path, name: path.basename(path.resolve(model)) },
        requirements: requirementsAsset.path,
        workers,
        environment,
        maxRequestBytes,
        healthAddress,
        healthPort,
      },
      ssl,
      keys,
    });
    this.resource = resource;
    this.node.defaultChild = resource;
    this.endpointName = name;
    this.address = address;
    const host = ssl?.hostname ?? (address.includes(':') ? `[${address}]` : address);
    this.scoringUri = `${ssl ? 'https' : 'http'}://${host}:${port}/score`;
    this.revision = this.resource.id;
    this.dependables = [this.resource];
    this.keyFile = keyFile;
    this.rootCertificateFile = rootCertificateFile;
  }

  private asset(id: string, file: string, assetHash: string): TerraformAsset {
    const type = statSync(file).isDirectory() ? AssetType.DIRECTORY : AssetType.FILE;
    return new TerraformAsset(this, id, { path: path.resolve(file), type, assetHash });
  }

  private modelHash(model: string): string {
    requireInput(this, 'model', model);
    return contentHash(model);
  }

  private requirementsHash(requirements: string): string {
    requireInput(this, 'requirements', requirements, 'file');
    if (!listsInferenceServer(readFileSync(requirements, 'utf8').split(/\r?\n/))) {
      const packages = SERVER_PACKAGES.join(' or ');
      throw new ConstructError(
        this,
        `${requirements} does not list ${packages}, which runs the entry script; add a line like ` +
          `${SERVER_PACKAGES[0] ?? ''}==1.5.1`,
      );
    }
    return contentHash(requirements);
  }
}

function requireCount(scope: Construct, what: string, value: number): void {
  if (!Token.isUnresolved(value)) {
    requireNumber(scope, what, value, wholeNumber(1));
  }
}
