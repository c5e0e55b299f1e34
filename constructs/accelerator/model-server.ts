import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { tritonRepository } from '../../lib/triton';
import type { KnownKeys } from '../../lib/validation/known-keys';
import type { ContainerResources } from '../kubernetes/container-resources';
import type { IRegisteredModel } from '../model/registered-model-reference';
import { withConstructPath, ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';

/** The protocol that a model server speaks, in plaintext and within the pod. */
export enum ModelServerProtocol {
  /** `inference.GRPCInferenceService`: Triton, OpenVINO Model Server, KServe. */
  KSERVE_V2 = 'kserve-v2',
  /** `tensorflow.serving.PredictionService`: TensorFlow Serving. */
  TENSORFLOW_SERVING = 'tensorflow-serving',
}

/** How Triton runs. */
export interface TritonProps {
  /**
   * The newest that still runs TensorFlow's models is 25.02; one that is to run ONNX only may be newer.
   * @default 'nvcr.io/nvidia/tritonserver:25.02-py3'
   */
  readonly image?: string | undefined;
  /**
   * Devices that a replica gets.
   * @default 1
   */
  readonly devices?: number | undefined;
  /** More of its options, such as `--log-verbose=1`. @default - none */
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

/** A model server of your own. */
export interface CustomModelServerProps {
  /** `registry/name:tag`. It holds the model, or fetches it itself. */
  readonly image: string;
  readonly protocol: ModelServerProtocol;
  /** The port that it listens on, on the loopback address or on all. */
  readonly port: number;
  /**
   * The image's registry, where it is an Azure container registry that the cluster's nodes need a role to pull from:
   * its ARM id.
   * @default - the nodes may pull the image already
   */
  readonly containerRegistryId?: string | undefined;
  /** @default - the image's */
  readonly command?: string[] | undefined;
  /** @default - the image's */
  readonly args?: string[] | undefined;
  /** Nothing secret: it stands in the synthesized JSON. @default - none */
  readonly environment?: Record<string, string> | undefined;
  /**
   * Devices that a replica gets.
   * @default 1
   */
  readonly devices?: number | undefined;
  /** The user it runs as; not root. @default 1000 */
  readonly runAsUser?: number | undefined;
  /**
   * A command in the container that fails while the server cannot serve.
   * @default - the scoring server notices
   */
  readonly healthCommand?: string[] | undefined;
  /**
   * Folders that it writes to, besides `/tmp`; the rest of its file system is read-only.
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

/** How a pod runs a model server. */
export interface ModelServerContainer {
  readonly name: string;
  readonly image: string;
  readonly containerRegistryId?: string | undefined;
  readonly protocol: ModelServerProtocol;
  readonly port: number;
  readonly command?: string[] | undefined;
  readonly args?: string[] | undefined;
  readonly environment: Record<string, string>;
  readonly devices: number;
  readonly runAsUser: number;
  readonly readyCommand?: string[] | undefined;
  readonly liveCommand?: string[] | undefined;
  readonly writableFolders: string[];
  /** Where it expects Triton's model repository. */
  readonly repositoryFolder?: string | undefined;
  readonly resources?: ContainerResources | undefined;
}

/** What runs `brainwave` stages beside the scoring server. */
export abstract class ModelServer {
  /**
   * NVIDIA's Triton, which runs the stages' `software` on the GPU. Its model repository is made of the service
   * definition when a pod starts.
   */
  static triton(props: TritonProps = {}): ModelServer {
    return new Triton(props);
  }

  /** An image of your own. */
  static custom(props: CustomModelServerProps): ModelServer {
    return new CustomModelServer(props);
  }

  /**
   * How a pod runs it.
   * @throws ConstructError where it cannot run the model
   */
  abstract bind(scope: IConstruct, model: IRegisteredModel): ModelServerContainer;
}

const TRITON_HTTP_PORT = 8000;
const TRITON_GRPC_PORT = 8001;
/** The user that NVIDIA's image has for it, `triton-server`. */
const TRITON_USER = 1000;
const REPOSITORY = '/models';

class Triton extends ModelServer {
  constructor(private readonly props: TritonProps) {
    super();
  }

  bind(scope: IConstruct, model: IRegisteredModel): ModelServerContainer {
    requireKnownProps(scope, this.props, TRITON_PROPS);
    const { image = 'nvcr.io/nvidia/tritonserver:25.02-py3', devices = 1, args = [], resources } = this.props;
    requireDevices(scope, devices);
    if (model.serviceDefinition) {
      requireStages(scope, model, (stage) =>
        stage.software
          ? undefined
          : "Triton runs the stage's software: give it one, or the compute an image of your own: " +
            'modelServer: ModelServer.custom(…)',
      );
      // Made in the pod; made here to find out now what Triton would refuse.
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
        // The pod's own containers call it, and nobody else.
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
      ...(resources && { resources }),
    };
  }
}

class CustomModelServer extends ModelServer {
  constructor(private readonly props: CustomModelServerProps) {
    super();
  }

  bind(scope: IConstruct): ModelServerContainer {
    requireKnownProps(scope, this.props, CUSTOM_MODEL_SERVER_PROPS);
    const { image, protocol, port, devices = 1, runAsUser = 1000, healthCommand, resources } = this.props;
    const { command, args, containerRegistryId } = this.props;
    requireDevices(scope, devices);
    requireNumber(scope, "the model server's port", port, wholeNumber(1024, 65_535));
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
      ...(containerRegistryId !== undefined && { containerRegistryId }),
      protocol,
      port,
      ...(command && { command }),
      ...(args && { args }),
      environment: this.props.environment ?? {},
      devices,
      runAsUser,
      ...(healthCommand && { readyCommand: healthCommand, liveCommand: healthCommand }),
      writableFolders: this.props.writableFolders ?? [],
      ...(resources && { resources }),
    };
  }
}

interface Stage {
  readonly name: string;
  readonly software?: object | undefined;
}

/**
 * Requires every `brainwave` stage to be able to run.
 * @param problem what is missing to a stage, and the remedy; `undefined` for nothing
 * @throws ConstructError
 * @internal
 */
export function requireStages(
  scope: IConstruct,
  model: IRegisteredModel,
  problem: (stage: Stage) => string | undefined,
): void {
  for (const stage of brainwaveStages(model)) {
    const found = problem(stage);
    if (found !== undefined) {
      throw new ConstructError(
        scope,
        `stage "${stage.name}" of the model "${model.modelName}" has no software; ${found}`,
      );
    }
  }
}

/** The stages that want an accelerator; none where they are not known to the stack. @internal */
export function brainwaveStages(model: IRegisteredModel): Stage[] {
  return (model.serviceDefinition?._content.definition.pipeline ?? []).filter(
    (stage) => stage.type === 'brainwave',
  );
}

function requireDevices(scope: IConstruct, devices: number): void {
  requireNumber(scope, 'devices', devices, wholeNumber(1));
}
