import { outOfRange, wholeNumber } from '../validation/number-range';
import type { Shape } from '../wire/tensor';
import type { BrainwaveModel } from './brainwave-model';
import { brainwaveOutputs, readSoftware } from './brainwave-outputs';
import { entrySegment, readModelFile } from './model-file';
import {
  imageShape,
  MAX_IMAGE_SIDE,
  MAX_NAME_LENGTH,
  ServiceDefinitionError,
} from './service-definition-content';
import type { ImageStageJson, StageJson } from './service-definition-json';

/** Interpolation of the `image` stage. */
export enum ResizeMethod {
  /** Bilinear without antialiasing, like TensorFlow's default. */
  BILINEAR = 'bilinear',
  /**
   * Bilinear as TensorFlow 1 resizes (`tf.image.resize_bilinear` without `align_corners`), with sizes and offsets as the
   * Azure ML SDK's `preprocess_array` computes them. PNG images give the same pixels as TensorFlow 1.10, bit for bit. So do
   * JPEG images if the package `@cwasm/jpeg-turbo` is installed on the server; without it, they differ by about one grey
   * level on average. EXIF orientation is ignored, as in TensorFlow.
   */
  BILINEAR_TF1 = 'bilinear-tf1',
  NEAREST = 'nearest',
  CUBIC = 'cubic',
  LANCZOS3 = 'lanczos3',
}

/** How the `image` stage decodes JPEGs that are larger than it needs. */
export enum JpegDecoding {
  /** Decodes every pixel. */
  EXACT = 'exact',
  /**
   * Decodes at a half, a quarter or an eighth of the size if that is still enough to resize from, which takes a third of the
   * time for a photo of 12 megapixels. Each pixel is then an average of the pixels it stands for, so fine patterns do
   * not become moiré. Photos that are smaller than twice `resize` give the same pixels as `EXACT`.
   */
  SCALED = 'scaled',
}

/** Order of an image's color channels. */
export enum ChannelOrder {
  RGB = 'RGB',
  BGR = 'BGR',
}

/** Order of the dimensions of a batch of images. */
export enum ImageLayout {
  /** Batch, height, width, channels: TensorFlow's order. */
  NHWC = 'NHWC',
  /** Batch, channels, height, width: the order of PyTorch's models and their usual ONNX exports. */
  NCHW = 'NCHW',
}

/** Properties of a stage that decodes, scales and crops images. */
export interface ImageStageProps {
  /** @default 'image' */
  readonly name?: string | undefined;
  /**
   * Pixels of the shorter side after resizing.
   * @default 256
   */
  readonly resize?: number | undefined;
  /**
   * Whether images keep their proportions. If not, they are stretched to a square of `resize` pixels per side.
   * @default true
   */
  readonly preserveAspectRatio?: boolean | undefined;
  /**
   * Pixels per side of the central square to which the resized image is cropped.
   * @default 224
   */
  readonly crop?: number | undefined;
  /**
   * Number of channels: 3 (RGB) or 1 (grayscale).
   * @default 3
   */
  readonly channels?: number | undefined;
  /** @default ResizeMethod.BILINEAR */
  readonly method?: ResizeMethod | undefined;
  /**
   * How JPEGs are decoded.
   * @default - `SCALED` for the methods that filter (`CUBIC` and `LANCZOS3`), from at least twice the size that they resize to;
   * `EXACT` for the others, which give the pixels of TensorFlow
   */
  readonly decode?: JpegDecoding | undefined;
  /**
   * Numbers subtracted from the channels, whose values are 0 to 255: one number per channel, or one for all channels.
   * @default - 0 for each channel
   */
  readonly mean?: number[] | undefined;
  /**
   * Numbers by which the channels are divided after the mean is subtracted: one number per channel, or one for all.
   * @default - 1 for each channel
   */
  readonly std?: number[] | undefined;
  /**
   * Factor by which each channel is multiplied after the mean is subtracted.
   * @default 1
   */
  readonly scale?: number | undefined;
  /**
   * Order of the channels that the next stage expects.
   * @default ChannelOrder.RGB
   */
  readonly order?: ChannelOrder | undefined;
  /**
   * Order of the dimensions that the next stage expects.
   * @default ImageLayout.NHWC
   */
  readonly layout?: ImageLayout | undefined;
}

/** Properties of a stage that runs a model file. */
export interface ModelStageProps {
  readonly name: string;
  /** Path of the model file, relative to the working directory. */
  readonly path: string;
  /** Name of the input tensor, for example `features:0` in TensorFlow or `features` in ONNX. */
  readonly inputTensor: string;
  /**
   * Name of the output tensor.
   * @default - required, unless `outputTensors` is set
   */
  readonly outputTensor?: string | undefined;
  /**
   * Output tensors of the last stage by the names that clients see, for a model with several outputs, such as an object
   * detector: `{ boxes: 'boxes:0', scores: 'scores:0' }`. Replaces `outputTensor`.
   * @default - one output, which clients see as `output_alias`
   */
  readonly outputTensors?: Record<string, string> | undefined;
}

/** Properties of a stage that runs a TensorFlow SavedModel. */
export interface SavedModelStageProps {
  readonly name: string;
  /**
   * Folder or zip that contains one `saved_model.pb`, also in a subfolder such as `1/` of TensorFlow Serving. Relative to the
   * working directory.
   */
  readonly path: string;
  /** @default 'serving_default' */
  readonly signatureName?: string | undefined;
  /**
   * Input of the signature, or a tensor of the graph such as `images:0`.
   * @default - the only input of the signature
   */
  readonly inputTensor?: string | undefined;
  /**
   * Output of the signature, or a tensor of the graph.
   * @default - all outputs of the signature; several require that this is the last stage
   */
  readonly outputTensor?: string | undefined;
}

/** Model file that computes an accelerated model's features on the CPU. */
export interface SoftwareModelProps {
  readonly path: string;
  readonly inputTensor: string;
  /**
   * Name of the output tensor.
   * @default - required, unless the stage has several outputs
   */
  readonly outputTensor?: string | undefined;
  /**
   * Output tensors of a stage with several outputs, by the names that clients see.
   * @default - the tensors with the names of the stage's outputs
   */
  readonly outputTensors?: Record<string, string> | undefined;
}

/** Properties of a stage that runs on the accelerator. */
export interface BrainwaveStageProps {
  /** @default - the model's `model_ref` */
  readonly name?: string | undefined;
  readonly model: BrainwaveModel;
  /** @default '1' */
  readonly modelVersion?: string | undefined;
  /**
   * Shape of the features for one image.
   * @default - the shape that the model declares
   */
  readonly outputTensorDims?: number[] | undefined;
  /**
   * Shapes of several outputs for one image, by the names that clients see: `{ boxes: [1, 100, 4], scores: [1, 100] }`. The stage must
   * then be the last one.
   * @default - those that the model declares, if it has several outputs
   */
  readonly outputTensorsDims?: Record<string, number[]> | undefined;
  /**
   * Model file that computes the same features on servers without an accelerator.
   * @default - none: the stage requires an accelerator
   */
  readonly software?: SoftwareModel | undefined;
}

/** A model file that replaces an accelerator. */
export class SoftwareModel {
  /** An ONNX file, run by onnxruntime-node. */
  static onnx(props: SoftwareModelProps): SoftwareModel {
    return new SoftwareModel('onnx', props);
  }

  /** A frozen TensorFlow GraphDef, run by ONNX Runtime, or by TensorFlow.js if it cannot be translated. */
  static tensorflow(props: SoftwareModelProps): SoftwareModel {
    return new SoftwareModel('tensorflow', props);
  }

  private constructor(
    readonly type: 'onnx' | 'tensorflow',
    readonly props: SoftwareModelProps,
  ) {}
}

/**
 * A stage of a service definition's pipeline. Its input is the output of the stage before it.
 *
 * Files are read when the stage is created. A missing or invalid file throws a `ServiceDefinitionError`.
 */
export class Stage {
  /** Decodes, scales and crops encoded images. Must be the first stage. */
  static image(props: ImageStageProps = {}): Stage {
    const { name = 'image', resize = 256, crop = 224, channels = 3, method = ResizeMethod.BILINEAR } = props;
    const { scale = 1 } = props;
    const fail = (problem: string): never => {
      throw new ServiceDefinitionError(`stage "${name}": ${problem}`);
    };
    if (channels !== 1 && channels !== 3) {
      return fail(`channels is ${channels}; expected 3 (RGB) or 1 (grayscale)`);
    }
    for (const [what, size] of Object.entries({ resize, crop })) {
      const problem = outOfRange(what, size, wholeNumber(1, MAX_IMAGE_SIDE));
      if (problem !== undefined) {
        return fail(problem);
      }
    }
    if (crop > resize) {
      return fail(
        `crop is ${crop}${props.crop === undefined ? ', the default,' : ''} but the shorter side is only ${resize} pixels after resizing; lower crop or raise resize`,
      );
    }
    const { mean = new Array<number>(channels).fill(0), std = [1] } = props;
    for (const [what, numbers] of Object.entries({ mean, std })) {
      if (numbers.length !== 1 && numbers.length !== channels) {
        return fail(
          `${what} has ${numbers.length} numbers for ${channels} channels; set one per channel, or a single one`,
        );
      }
      if (!numbers.every(Number.isFinite)) {
        return fail(`${what} is [${numbers.join(', ')}]; expected finite numbers`);
      }
    }
    if (!std.every((value) => value > 0)) {
      return fail(`std is [${std.join(', ')}]; expected numbers above 0`);
    }
    if (!Number.isFinite(scale)) {
      return fail(`scale is ${scale}; expected a finite number, such as 1 / 127`);
    }
    const definition: ImageStageJson = {
      type: 'image',
      name,
      resize,
      crop,
      channels,
      method,
      mean: [...mean],
      scale,
      ...(props.preserveAspectRatio === false && { preserve_aspect_ratio: false }),
      ...(props.decode && { decode: props.decode }),
      ...(props.std && { std: [...std] }),
      ...(props.order && { order: props.order }),
      ...(props.layout && { layout: props.layout }),
    };
    return new Stage(definition, new Map(), undefined, imageShape(definition));
  }

  /** Runs a frozen TensorFlow GraphDef. */
  static tensorflow(props: ModelStageProps): Stage {
    return Stage.ofFile('tensorflow', props);
  }

  /** Runs a Keras model: the `model.json` of a TensorFlow.js layers model, or a frozen GraphDef (`.pb`). */
  static keras(props: ModelStageProps): Stage {
    return Stage.ofFile('keras', props);
  }

  /**
   * Runs a SavedModel of TensorFlow 1 or 2. It is frozen when the stage is created: the service definition contains the
   * part of the graph that computes the outputs, with the variables as constants.
   */
  static savedModel(props: SavedModelStageProps): Stage {
    const { freezeSavedModel } = require('./saved-model-file') as typeof import('./saved-model-file');
    const { name, path, signatureName = 'serving_default', inputTensor: wanted, outputTensor } = props;
    const { graph, inputTensor, outputTensors, input, output } = freezeSavedModel(name, {
      path,
      signatureName,
      input: wanted,
      outputs: outputTensor === undefined ? undefined : [outputTensor],
    });
    const entry = `${entrySegment(name)}/model.pb`;
    const [only = '', ...others] = outputTensors.values();
    const fields = {
      type: 'tensorflow' as const,
      name,
      model_path: entry,
      input_tensor: inputTensor,
      ...(others.length === 0
        ? { output_tensor: only }
        : { output_tensors: Object.fromEntries(outputTensors) }),
    };
    return new Stage(fields, new Map([[entry, graph]]), input, output);
  }

  /** Runs an ONNX file. */
  static onnx(props: ModelStageProps): Stage {
    return Stage.ofFile('onnx', props);
  }

  /** Runs a featurizer on the accelerator, or on the CPU with its `software`. */
  static brainwave(props: BrainwaveStageProps): Stage {
    const { model, software, modelVersion = '1', name = model.modelRef } = props;
    const outputs = brainwaveOutputs(name, props);
    const declaredInput = model.shape.inputSize && [-1, ...model.shape.inputSize];
    const definition = {
      type: 'brainwave' as const,
      name,
      model_ref: model.modelRef,
      model_version: modelVersion,
      ...outputs,
    };
    const file = software && readSoftware(name, software, outputs);
    const [, ...sizes] = outputs.output_tensor_dims ?? [];
    return new Stage(
      { ...definition, ...(file && { software: { type: file.type, ...file.fields } }) },
      file?.files ?? new Map(),
      file?.input ?? declaredInput,
      outputs.output_tensor_dims && [-1, ...sizes],
    );
  }

  /**
   * Turns the logits of the stage before it into probabilities: `exp(x) / sum(exp(x))` over the classes. Required after
   * models whose last layer is not a softmax, such as the classifier of the Azure ML SDK's `vgg16`.
   * @param name @default 'softmax'
   */
  static softmax(name = 'softmax'): Stage {
    return new Stage({ type: 'softmax', name }, new Map(), undefined, undefined);
  }

  private static ofFile(type: 'tensorflow' | 'keras' | 'onnx', props: ModelStageProps): Stage {
    const { fields, files, input, output } = readModelFile(type, props.name, props);
    return new Stage({ type, name: props.name, ...fields }, files, input, output);
  }

  private constructor(
    /** @internal Stage in `service_def.json`. */
    readonly definition: StageJson,
    /** @internal Files, by path in the zip. */
    readonly files: ReadonlyMap<string, Uint8Array>,
    /** @internal Input shape, as far as it is known. */
    readonly input: Shape | undefined,
    /** @internal Output shape, as far as it is known. */
    readonly output: Shape | undefined,
  ) {
    const { name } = definition;
    if (name.length < 1 || name.length > MAX_NAME_LENGTH) {
      throw new ServiceDefinitionError(
        `stage "${name}": its name has ${name.length} characters; expected 1 to ${MAX_NAME_LENGTH}`,
      );
    }
  }

  get name(): string {
    return this.definition.name;
  }
}
