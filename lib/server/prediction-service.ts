import { GrpcStatus as status } from '../errors/grpc-status';
import { imagesFromInput } from '../wire/example';
import { messageType } from '../wire/proto/load';
import type { ClassificationRequest__Output } from '../wire/proto/types/tensorflow/serving/ClassificationRequest';
import type { ClassificationResponse } from '../wire/proto/types/tensorflow/serving/ClassificationResponse';
import type { Classifications } from '../wire/proto/types/tensorflow/serving/Classifications';
import type { GetModelMetadataRequest__Output } from '../wire/proto/types/tensorflow/serving/GetModelMetadataRequest';
import type { GetModelMetadataResponse } from '../wire/proto/types/tensorflow/serving/GetModelMetadataResponse';
import type { PredictRequest__Output } from '../wire/proto/types/tensorflow/serving/PredictRequest';
import type { PredictResponse } from '../wire/proto/types/tensorflow/serving/PredictResponse';
import type {
  SignatureDefMap,
  SignatureDefMap__Output,
} from '../wire/proto/types/tensorflow/serving/SignatureDefMap';
import type { TensorInfo } from '../wire/proto/types/tensorflow/TensorInfo';
import { formatShape } from '../wire/tensor';
import {
  answerToProto,
  imagesFromProto,
  isReadAsFloats,
  tensorFromProto,
  TensorFormatError,
} from '../wire/tensor-proto';
import type { CallContext } from './transport/server-transport';
import {
  AcceleratorError,
  BatchTooLargeError,
  InvalidImageError,
  InvalidTensorError,
  type Pipeline,
  type PipelineInput,
  type PipelineSignature,
} from './pipeline';
import { unpackOutputs, type OutputPart, type StageTensor } from './pipeline/named-outputs';
import type { CallTrace } from './pipeline/stage-run';
import { SIGNATURE_NAME, type ServedModel } from './served-model';
import { StatusError } from './status-error';

/** Input name for encoded images, the same as in Azure ML's accelerated models. */
export const IMAGES_INPUT = 'images';
/** Name of the only output, the same as in Azure ML's accelerated models. */
export const OUTPUT_ALIAS = 'output_alias';

/** Implements `tensorflow.serving.PredictionService`. */
export class PredictionServiceHandlers {
  /**
   * @param model returns the current model; throws UNAVAILABLE if none is loaded
   * @param traceOf returns the trace of a call, if there is one
   */
  constructor(
    private readonly model: () => ServedModel,
    private readonly traceOf: (call: CallContext) => CallTrace | undefined,
  ) {}

  readonly Predict = (request: PredictRequest__Output, call: CallContext): Promise<PredictResponse> => {
    const model = this.model();
    model.requireMatch(request.modelSpec);
    requireSignature(request.modelSpec?.signatureName);
    return model.use(async (pipeline) => {
      requireOutputs(pipeline, request.outputFilter);
      const output = await score(pipeline, () => readInput(pipeline, request), call, this.traceOf(call));
      const outputs = output.parts ? unpackOutputs(output) : new Map([[OUTPUT_ALIAS, output]]);
      const asked = [...outputs].filter(
        ([name]) => request.outputFilter.length === 0 || request.outputFilter.includes(name),
      );
      return {
        outputs: Object.fromEntries(asked.map(([name, tensor]) => [name, answerToProto(tensor)])),
        modelSpec: model.spec,
      };
    });
  };

  readonly Classify = (
    request: ClassificationRequest__Output,
    call: CallContext,
  ): Promise<ClassificationResponse> => {
    const model = this.model();
    model.requireMatch(request.modelSpec);
    requireSignature(request.modelSpec?.signatureName);
    return model.use(async (pipeline) => {
      if (pipeline.signature.input.kind !== 'images') {
        throw invalid(
          'this model has no image stage to decode images; send an array with Predict, over REST to /v1/models/<name>:predict',
        );
      }
      const images = () => ({ kind: 'images', images: imagesFromInput(request.input) }) as const;
      const output = await score(pipeline, images, call, this.traceOf(call));
      return { result: { classifications: classify(output, model.labels) }, modelSpec: model.spec };
    });
  };

  readonly GetModelMetadata = (request: GetModelMetadataRequest__Output): GetModelMetadataResponse => {
    const model = this.model();
    model.requireMatch(request.modelSpec);
    const unknown = request.metadataField.find((field) => field !== 'signature_def');
    if (unknown !== undefined || request.metadataField.length === 0) {
      throw invalid(`metadata_field is "${unknown ?? ''}"; expected "signature_def"`);
    }
    const type = messageType<SignatureDefMap, SignatureDefMap__Output>('tensorflow.serving.SignatureDefMap');
    const value = type.serialize({ signatureDef: { [SIGNATURE_NAME]: signatureDef(model.pipeline) } });
    return {
      modelSpec: model.spec,
      metadata: {
        signature_def: { type_url: 'type.googleapis.com/tensorflow.serving.SignatureDefMap', value },
      },
    };
  };
}

/** Scores the result of `read` and converts errors to gRPC statuses. */
async function score(
  pipeline: Pipeline,
  read: () => PipelineInput,
  call: CallContext,
  trace: CallTrace | undefined,
): Promise<StageTensor> {
  try {
    return await pipeline.score(read(), call.signal, call.deadlineAt, trace);
  } catch (error) {
    if (
      error instanceof InvalidImageError ||
      error instanceof InvalidTensorError ||
      error instanceof BatchTooLargeError ||
      error instanceof TensorFormatError
    ) {
      throw invalid(error.message, error);
    }
    throw error instanceof AcceleratorError ? acceleratorStatus(error) : error;
  }
}

/** Returns all classes of each image in class order, like TensorFlow Serving. */
function classify(
  { shape, data, parts }: StageTensor,
  labels: readonly string[] | undefined,
): Classifications[] {
  if (parts) {
    throw invalid(
      `this model has the outputs ${parts.map(({ name }) => `"${name}"`).join(', ')}; call Predict`,
    );
  }
  const [images = 0, classes = 0, ...others] = shape;
  if (others.length > 0) {
    throw invalid(`this model returns ${formatShape([-1, classes, ...others])}, not classes; call Predict`);
  }
  return Array.from({ length: images }, (_, image) => ({
    classes: Array.from(data.subarray(image * classes, (image + 1) * classes), (value, index) => ({
      label: labels?.[index] ?? '',
      score: value,
    })),
  }));
}

/** Returns the signature of a model, in the form of TensorFlow Serving. */
export function signatureDef({ signature }: Pipeline): {
  inputs: Record<string, TensorInfo>;
  outputs: Record<string, TensorInfo>;
  methodName: string;
} {
  const { input, output } = signature;
  const inputs: Record<string, TensorInfo> =
    input.kind === 'images'
      ? { [IMAGES_INPUT]: { name: IMAGES_INPUT, dtype: 'DT_STRING', tensorShape: shapeProto([-1]) } }
      : { [input.name]: { name: input.name, dtype: 'DT_FLOAT', tensorShape: shapeProto(input.shape) } };
  return {
    inputs,
    outputs: Object.fromEntries(
      outputsOf(output).map(({ name, shape }) => [
        name,
        { name, dtype: 'DT_FLOAT' as const, tensorShape: shapeProto(shape) },
      ]),
    ),
    methodName: 'tensorflow/serving/predict',
  };
}

/** Outputs as clients see them. */
function outputsOf({ shape, parts }: PipelineSignature['output']): readonly OutputPart[] {
  return parts
    ? parts.map((part) => ({ name: part.name, shape: [-1, ...part.shape] }))
    : [{ name: OUTPUT_ALIAS, shape }];
}

/** @throws StatusError if a request asks for an output that the model does not have */
function requireOutputs({ signature }: Pipeline, asked: readonly string[]): void {
  const names = outputsOf(signature.output).map(({ name }) => name);
  const unknown = asked.find((name) => !names.includes(name));
  if (unknown === undefined) {
    return;
  }
  throw invalid(
    `unknown output "${unknown}"; expected ` +
      (names.length === 1 ? `"${OUTPUT_ALIAS}"` : `one of ${names.map((name) => `"${name}"`).join(', ')}`),
  );
}

function shapeProto(shape: readonly number[]): { dim: { size: number }[] } {
  return { dim: shape.map((size) => ({ size })) };
}

function requireSignature(name: string | undefined): void {
  if (name !== undefined && name !== '' && name !== SIGNATURE_NAME) {
    throw invalid(`unknown signature "${name}"; expected "${SIGNATURE_NAME}"`);
  }
}

/**
 * A pipeline with an image stage accepts encoded images or an array of decoded images; others accept only an array. The
 * input may also be named `images`, the name that Azure ML's clients use for every input.
 */
function readInput({ signature }: Pipeline, request: PredictRequest__Output): PipelineInput {
  const expected = signature.input.kind === 'images' ? IMAGES_INPUT : signature.input.name;
  const [name = '', ...others] = Object.keys(request.inputs);
  if (others.length > 0 || (name !== expected && name !== IMAGES_INPUT)) {
    const got =
      name === ''
        ? 'no input'
        : `the input${others.length > 0 ? 's' : ''} "${[name, ...others].join('", "')}"`;
    throw invalid(`the request has ${got}; expected one input, "${expected}"`);
  }
  const tensor = request.inputs[name];
  if (signature.input.kind === 'images') {
    switch (tensor.dtype) {
      case 'DT_STRING':
        return { kind: 'images', images: imagesFromProto(tensor) };
      case 'DT_FLOAT':
      case 'DT_DOUBLE':
      case 'DT_HALF':
        return { kind: 'tensor', tensor: tensorFromProto(tensor) };
      default:
        throw invalid(
          `input "${name}" is ${tensor.dtype}; expected DT_STRING for encoded images (JPEG, PNG, …) ` +
            'or DT_FLOAT for decoded and scaled images' +
            (tensor.dtype === 'DT_UINT8' ? ' (scaled as the image stage does)' : ''),
        );
    }
  }
  if (!isReadAsFloats(tensor.dtype)) {
    throw invalid(
      `input "${name}" is ${tensor.dtype}; expected DT_FLOAT, or DT_DOUBLE, DT_HALF or DT_UINT8, which are converted` +
        (tensor.dtype === 'DT_STRING' ? ' (this model has no image stage to decode images)' : ''),
    );
  }
  return { kind: 'tensor', tensor: tensorFromProto(tensor) };
}

/** The error text of a failed accelerator goes to the log, not to the caller. */
function acceleratorStatus(error: AcceleratorError): Error {
  switch (error.reason) {
    case 'unavailable':
      return new StatusError(status.UNAVAILABLE, error.message, { cause: error });
    case 'deadline-exceeded':
      return new StatusError(status.DEADLINE_EXCEEDED, error.message, { cause: error });
    case 'failed':
      return error;
  }
}

function invalid(message: string, cause?: unknown): StatusError {
  return new StatusError(status.INVALID_ARGUMENT, message, { cause });
}
