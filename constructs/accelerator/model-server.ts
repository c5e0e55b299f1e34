import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';

import type { ServeConfigurationFile } from '../../lib/contract/serve-configuration';
import type { BrainwaveStageJson } from '../../lib/service-definition/service-definition-json';
import { wholeNumber } from '../../lib/validation/number-range';
import { TRITON_IMAGE, TRITON_TENSORFLOW_IMAGE } from '../../lib/contract/container-images';
import { tritonRepository } from '../../lib/triton/triton-repository';
import type { KnownKeys } from '../../lib/validation/known-keys';
import type { ContainerResources } from './container-resources';
import type { IRegisteredModel } from '../model/registered-model-reference';
import { withConstructPath, ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';
import { addWarning } from '../validation/warning';

/** Protocol between the scoring server and the model server, in plaintext within the pod. */
export enum ModelServerProtocol {
  /** `inference.GRPCInferenceService`: Triton, OpenVINO Model Server, KServe. */
  KSERVE_V2 = 'kserve-v2',
  /** `tensorflow.serving.PredictionService`: TensorFlow Serving. */
  TENSORFLOW_SERVING = 'tensorflow-serving',
}

/** Image, devices and options of Triton. */
export interface TritonProps {
  /**
   * Image of Triton, by digest: `registry/name:tag@sha256:…`.
   * @default - 26.08, pinned by digest; for models with TensorFlow software, 25.02, the last release that runs them
   */
  readonly image?: string | undefined;
  /**
   * Number of devices per replica.
   * @default 1
   */
  readonly devices?: number | undefined;
  /** Additional command-line options, such as `--log-verbose=1`. @default - none */
  readonly args?: string[] | undefined;
  /** @default - 1 to 3 cores, 4 to 16 GiB */
  readonly resources?: ContainerResources | undefined;
}

const TRITON_PROPS: KnownKeys<TritonProps> = {
  image: true,
  devices: true,
  args: true,
  resources: { cpuCores: true, cpuLimitCores: true, memoryMiB: true, memoryLimitMiB: true },
};

/** Image and container settings of a custom model server. */
export interface CustomModelServerProps {
  /** `registry/name:tag`. The image contains the model, or fetches it. */
  readonly image: string;
  readonly protocol: ModelServerProtocol;
  /** Port on which it listens, on the loopback address or on all addresses. */
  readonly port: number;
  /** Name of the model on the model server. @default - `model_ref` of the stage */
  readonly modelName?: string | undefined;
  /**
   * Version of the model on the model server. An empty string leaves the choice to the model server.
   * @default - `model_version` of the stage
   */
  readonly modelVersion?: string | undefined;
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
  /**
   * ARM id of the image's registry, if it is an Azure container registry. The cluster's nodes are assigned the role to
   * pull from it.
   * @default - the nodes can already pull the image
   */
  readonly containerRegistryId?: string | undefined;
  /** @default - that of the image */
  readonly command?: string[] | undefined;
  /** @default - that of the image */
  readonly args?: string[] | undefined;
  /** Environment variables. Not for secrets: they are part of the synthesized JSON. @default - none */
  readonly environment?: Record<string, string> | undefined;
  /**
   * Number of devices per replica.
   * @default 1
   */
  readonly devices?: number | undefined;
  /** User id of the process. Must not be root. @default 1000 */
  readonly runAsUser?: number | undefined;
  /**
   * Command in the container that fails while the model server cannot serve.
   * @default - none; the scoring server detects an unavailable model server
   */
  readonly healthCommand?: string[] | undefined;
  /**
   * Writable folders other than `/tmp`. The rest of the file system is read-only.
   * @default - none
   */
  readonly writableFolders?: string[] | undefined;
  /** @default - 1 to 3 cores, 4 to 16 GiB */
  readonly resources?: ContainerResources | undefined;
}

const CUSTOM_MODEL_SERVER_PROPS: KnownKeys<CustomModelServerProps> = {
  image: true,
  protocol: true,
  port: true,
  modelName: true,
  modelVersion: true,
  maxBatch: true,
  maxBatchDelayMs: true,
  maxMessageBytes: true,
  containerRegistryId: true,
  command: true,
  args: true,
  environment: true,
  devices: true,
  runAsUser: true,
  healthCommand: true,
  writableFolders: true,
  resources: { cpuCores: true, cpuLimitCores: true, memoryMiB: true, memoryLimitMiB: true },
};

/** Container of a model server. */
export interface ModelServerContainer {
  readonly name: string;
  readonly image: string;
  readonly containerRegistryId?: string | undefined;
  readonly protocol: ModelServerProtocol;
  readonly port: number;
  readonly modelName?: string | undefined;
  readonly modelVersion?: string | undefined;
  readonly maxBatch?: number | undefined;
  readonly maxBatchDelayMs?: number | undefined;
  readonly maxMessageBytes?: number | undefined;
  readonly command?: string[] | undefined;
  readonly args?: string[] | undefined;
  readonly environment: Record<string, string>;
  readonly devices: number;
  readonly runAsUser: number;
  readonly readyCommand?: string[] | undefined;
  readonly liveCommand?: string[] | undefined;
  readonly writableFolders: string[];
  /** Folder in which it expects a Triton model repository. */
  readonly repositoryFolder?: string | undefined;
  readonly resources?: ContainerResources | undefined;
}

/**
 * Returns how a scoring server calls a model server beside it.
 * @internal
 */
export function acceleratorSettings({
  port,
  protocol,
  modelName,
  modelVersion,
  maxBatch,
  maxBatchDelayMs,
  maxMessageBytes,
}: ModelServerContainer): NonNullable<ServeConfigurationFile['accelerator']> {
  return {
    protocol,
    address: `127.0.0.1:${port}`,
    modelName,
    modelVersion,
    maxBatch,
    maxBatchDelayMs,
    maxMessageBytes,
  };
}

/** Model server that runs `brainwave` stages in the same pod as the scoring server. */
export abstract class ModelServer {
  /**
   * NVIDIA Triton Inference Server, which runs the stages' `software` on the GPU. Its model repository is generated from
   * the service definition when a pod starts.
   */
  static triton(props: TritonProps = {}): ModelServer {
    return new Triton(props);
  }

  /** Custom image. */
  static custom(props: CustomModelServerProps): ModelServer {
    return new CustomModelServer(props);
  }

  /**
   * Returns the container.
   * @throws ConstructError if it cannot run the model
   */
  abstract bind(scope: IConstruct, model: IRegisteredModel): ModelServerContainer;
}

const TRITON_HTTP_PORT = 8000;
const TRITON_GRPC_PORT = 8001;
/** User `triton-server` of NVIDIA's image. */
const TRITON_USER = 1000;
const REPOSITORY = '/models';

class Triton extends ModelServer {
  constructor(private readonly props: TritonProps) {
    super();
  }

  bind(scope: IConstruct, model: IRegisteredModel): ModelServerContainer {
    requireKnownProps(scope, this.props, TRITON_PROPS);
    const { devices = 1, args = [], resources } = this.props;
    requireDevices(scope, devices);
    const image = this.props.image ?? defaultTriton(scope, model);
    if (model.serviceDefinition) {
      requireSoftware(
        scope,
        model,
        'add software to the stage for Triton, or set modelServer: ModelServer.custom(…) to a model server that runs it',
      );
      // Generated in the pod. Generated here, too, to report what Triton would reject.
      const { _content: content } = model.serviceDefinition;
      withConstructPath(scope, () => tritonRepository(content));
    }
    const health = (what: string) => [
      'curl',
      '--fail',
      '--silent',
      '--show-error',
      '--max-time',
      '4',
      `http://127.0.0.1:${TRITON_HTTP_PORT}/v2/health/${what}`,
    ];
    return {
      name: 'triton',
      image,
      protocol: ModelServerProtocol.KSERVE_V2,
      port: TRITON_GRPC_PORT,
      command: ['tritonserver'],
      args: [
        `--model-repository=${REPOSITORY}`,
        '--disable-auto-complete-config',
        // Called only by the containers of the pod.
        '--http-address=127.0.0.1',
        `--http-port=${TRITON_HTTP_PORT}`,
        '--grpc-address=127.0.0.1',
        `--grpc-port=${TRITON_GRPC_PORT}`,
        '--allow-metrics=false',
        ...args,
      ],
      environment: {},
      devices,
      runAsUser: TRITON_USER,
      readyCommand: health('ready'),
      liveCommand: health('live'),
      writableFolders: [],
      repositoryFolder: REPOSITORY,
      modelVersion: hasNumberedVersions(model) ? undefined : '',
      resources,
    };
  }
}

function defaultTriton(scope: IConstruct, model: IRegisteredModel): string {
  const stage = brainwaveStages(model).find(
    ({ software }) => software !== undefined && software.type !== 'onnx',
  );
  if (stage === undefined) {
    return TRITON_IMAGE;
  }
  addWarning(
    scope,
    `stage "${stage.name}" has TensorFlow software, which only Triton up to 25.02 runs; NVIDIA no longer patches it: ` +
      'convert the software to ONNX',
  );
  return TRITON_TENSORFLOW_IMAGE;
}

/**
 * Triton numbers versions. The repository has one version of each model, so that calls need not name the number of a
 * version such as `1.1.6-rc`.
 */
function hasNumberedVersions(model: IRegisteredModel): boolean {
  const stages = model.serviceDefinition?._content.definition.pipeline ?? [];
  return stages.every((stage) => stage.type !== 'brainwave' || /^\d{1,15}$/.test(stage.model_version));
}

class CustomModelServer extends ModelServer {
  constructor(private readonly props: CustomModelServerProps) {
    super();
  }

  bind(scope: IConstruct): ModelServerContainer {
    requireKnownProps(scope, this.props, CUSTOM_MODEL_SERVER_PROPS);
    const { image, protocol, port, devices = 1, runAsUser = 1000, healthCommand, resources } = this.props;
    const { command, args, containerRegistryId, modelName, modelVersion } = this.props;
    const { maxBatch, maxBatchDelayMs, maxMessageBytes } = this.props;
    requireDevices(scope, devices);
    requireNumber(scope, "the model server's port", port, wholeNumber(1024, 65_535));
    requireNumber(scope, 'maxBatch', maxBatch, wholeNumber(1));
    requireNumber(scope, 'maxBatchDelayMs', maxBatchDelayMs, wholeNumber(0));
    requireNumber(scope, 'maxMessageBytes', maxMessageBytes, wholeNumber(65_536));
    requireNumber(scope, 'runAsUser', runAsUser, {
      ...wholeNumber(1),
      expected: 'the id of a user other than root, a whole number of at least 1',
    });
    if (!Token.isUnresolved(image) && !/^[a-z0-9][^\s]*$/i.test(image)) {
      throw new ConstructError(
        scope,
        `the model server's image is "${image}"; expected registry/name:tag or registry/name@sha256:…`,
      );
    }
    return {
      name: 'model-server',
      image,
      containerRegistryId,
      protocol,
      port,
      modelName,
      modelVersion,
      maxBatch,
      maxBatchDelayMs,
      maxMessageBytes,
      command,
      args,
      environment: this.props.environment ?? {},
      devices,
      runAsUser,
      readyCommand: healthCommand,
      liveCommand: healthCommand,
      writableFolders: this.props.writableFolders ?? [],
      resources,
    };
  }
}

/**
 * Requires that every `brainwave` stage has software, for a compute that runs it.
 * @param remedy end of the message
 * @throws ConstructError if a stage has none
 * @internal
 */
export function requireSoftware(scope: IConstruct, model: IRegisteredModel, remedy: string): void {
  const stage = brainwaveStages(model).find(({ software }) => !software);
  if (stage) {
    throw new ConstructError(
      scope,
      `stage "${stage.name}" of the model "${model.modelName}" has no software; ${remedy}`,
    );
  }
}

/** Returns the stages that use an accelerator; none if the stack does not know the model's stages. @internal */
export function brainwaveStages(model: IRegisteredModel): BrainwaveStageJson[] {
  return (model.serviceDefinition?._content.definition.pipeline ?? []).filter(
    (stage) => stage.type === 'brainwave',
  );
}

function requireDevices(scope: IConstruct, devices: number): void {
  requireNumber(scope, 'devices', devices, wholeNumber(1));
}
