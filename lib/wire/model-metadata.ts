import { messageType } from './proto/load';
import type { DataType__Output } from './proto/types/tensorflow/DataType';
import type { GetModelMetadataResponse__Output } from './proto/types/tensorflow/serving/GetModelMetadataResponse';
import type {
  SignatureDefMap,
  SignatureDefMap__Output,
} from './proto/types/tensorflow/serving/SignatureDefMap';
import type { TensorInfo__Output } from './proto/types/tensorflow/TensorInfo';
import { UnexpectedResponseError } from '../errors/prediction-errors';

/** An input or output of a model. */
export interface TensorDescription {
  /** `DT_STRING` for encoded images, `DT_FLOAT` for arrays. */
  readonly dtype: DataType__Output;
  /** Dimensions, -1 for a dimension that is not fixed: `[-1, 1000]`. */
  readonly shape: readonly number[];
}

/** Inputs and outputs of a model. */
export interface ModelMetadata {
  readonly modelName: string;
  /** Undefined if the server does not report it. */
  readonly modelVersion?: number | undefined;
  readonly inputs: Readonly<Record<string, TensorDescription>>;
  readonly outputs: Readonly<Record<string, TensorDescription>>;
}

/** Parses the signature `serving_default`, or the only signature. */
export function readModelMetadata(response: GetModelMetadataResponse__Output): ModelMetadata {
  const packed = response.metadata.signature_def as { value: Buffer } | undefined;
  const signatures = packed
    ? messageType<SignatureDefMap, SignatureDefMap__Output>('tensorflow.serving.SignatureDefMap').deserialize(
        packed.value,
      ).signatureDef
    : {};
  const names = Object.keys(signatures);
  const signature = signatures[names.includes('serving_default') ? 'serving_default' : (names[0] ?? '')] as
    (typeof signatures)[string] | undefined;
  if (!signature) {
    throw new UnexpectedResponseError('got model metadata without a signature, expected one', {
      remedy: 'pass inputName, so that no metadata is needed',
    });
  }
  return {
    modelName: response.modelSpec?.name ?? '',
    ...(response.modelSpec?.version && { modelVersion: response.modelSpec.version.value }),
    inputs: describeTensors(signature.inputs),
    outputs: describeTensors(signature.outputs),
  };
}

function describeTensors(tensors: Record<string, TensorInfo__Output>): Record<string, TensorDescription> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, tensorShape }]) => [
      name,
      { dtype, shape: (tensorShape?.dim ?? []).map(({ size }) => size) },
    ]),
  );
}
