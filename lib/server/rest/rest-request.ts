import { GrpcStatus as status } from '../../errors/grpc-status';
import type { ModelSpec__Output } from '../../wire/proto/types/tensorflow/serving/ModelSpec';
import type { PredictResponse } from '../../wire/proto/types/tensorflow/serving/PredictResponse';
import type { TensorProto__Output } from '../../wire/proto/types/tensorflow/TensorProto';
import type { FloatTensor, Shape } from '../../wire/tensor';
import { emptyProto } from '../../wire/tensor-proto';
import { StatusError } from '../status-error';

/** Model that a URL names. */
export interface RequestedModel {
  readonly name: string;
  readonly version?: string | undefined;
  readonly label?: string | undefined;
}

/** A JSON object of a request. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Returns the model specification of the gRPC request. A version that is no number is a label, as in gRPC. */
export function modelSpec({ name, version, label }: RequestedModel, signatureName = ''): ModelSpec__Output {
  const number = version !== undefined && /^\d{1,15}$/.test(version) ? Number(version) : undefined;
  return {
    name,
    signatureName,
    ...(number !== undefined && { version: { value: number } }),
    versionLabel: label ?? (number === undefined ? (version ?? '') : ''),
  };
}

/** Returns encoded images as they arrive over gRPC. */
export function imagesProto(shape: Shape, images: readonly Buffer[]): TensorProto__Output {
  return { ...emptyProto('DT_STRING', shape), stringVal: [...images] };
}

/** Returns the outputs of a gRPC response. */
export function outputTensors({ outputs = {} }: PredictResponse): [string, FloatTensor][] {
  return Object.entries(outputs).map(([name, { tensorShape, floatVal }]) => [
    name,
    {
      shape: (tensorShape?.dim ?? []).map(({ size }) => Number(size)),
      // See answerToProto, which passes the array's memory.
      data: floatVal as unknown as Float32Array,
    },
  ]);
}

/** @throws StatusError INVALID_ARGUMENT if the body is not a JSON object */
export function parseJsonObject(body: Buffer): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new StatusError(
      status.INVALID_ARGUMENT,
      body.length === 0
        ? 'the body is empty; send a JSON object'
        : // The parser's message quotes the body.
          'the body is not valid JSON; send a JSON object',
      { cause },
    );
  }
  if (!isJsonObject(value)) {
    throw new StatusError(status.INVALID_ARGUMENT, 'the body is not a JSON object; send a JSON object');
  }
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Decodes base64 in the standard or the URL-safe alphabet, with or without padding.
 * @param name how to name the text in messages
 * @throws StatusError INVALID_ARGUMENT if the text is not base64
 */
export function decodeBase64(text: string, name: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  // Buffer skips characters outside of the alphabet, so that fewer bytes result.
  const digits = text.length - padding;
  if (digits % 4 === 1 || bytes.length !== Math.floor((digits * 3) / 4)) {
    throw invalid(`${name} is not base64; encode the image as base64, without line breaks`);
  }
  return bytes;
}

export function invalid(message: string): StatusError {
  return new StatusError(status.INVALID_ARGUMENT, message);
}
