import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { TensorInfo } from '../../wire/proto/types/tensorflow/TensorInfo';
import type { DataType__Output } from '../../wire/proto/types/tensorflow/DataType';
import type { TensorProto__Output } from '../../wire/proto/types/tensorflow/TensorProto';
import { PACKAGE_FOLDER } from '../../files/package-folder';
import { jsonNumber, tensorFromJson } from '../../wire/json-tensor';
import { elementCount, formatShape, type FloatTensor } from '../../wire/tensor';
import {
  arrayProto,
  checkedElementCount,
  DEFAULT_MAX_ELEMENTS,
  floatBytes,
  TensorFormatError,
} from '../../wire/tensor-proto';
import { signatureDef } from '../prediction-service';
import type { PathRoute } from '../transport/path-router';
import { jsonAnswer, type HttpAnswer, type HttpRequest } from '../transport/http-call';
import {
  decodeBase64,
  imagesProto,
  invalid,
  isJsonObject,
  modelSpec,
  outputTensors,
  parseJsonObject,
  type JsonObject,
  type RequestedModel,
} from './rest-request';
import { METHODS, type RestServices } from './rest-routes';

/** Header with the length of the JSON in front of binary tensors. */
const JSON_LENGTH = 'inference-header-content-length';
const MODEL = '^/v2/models/(?<name>[^/]+)(?:/versions/(?<version>[^/]+))?';

/** Types that are accepted as inputs. FP16 has no form in JSON: its numbers are read as FP32. */
const BINARY_TYPES: Readonly<Record<string, DataType__Output>> = {
  FP16: 'DT_HALF',
  FP32: 'DT_FLOAT',
  FP64: 'DT_DOUBLE',
  UINT8: 'DT_UINT8',
};

/**
 * The REST API of the Open Inference Protocol (KServe v2), with its extension for binary tensors.
 * @see https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol
 * @see https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol/binary-tensor-data-extension
 */
export function kserveV2Routes({ prediction, modelStatus, health, model }: RestServices): PathRoute[] {
  const libraryVersion = packageVersion();
  return [
    {
      verb: 'GET',
      path: /^\/v2\/?$/,
      route: () => ({
        method: METHODS.status,
        handle: () =>
          jsonAnswer({
            name: 'cdktf-brainwave',
            version: libraryVersion,
            extensions: ['binary_tensor_data'],
          }),
      }),
    },
    {
      verb: 'GET',
      path: /^\/v2\/health\/live$/,
      route: () => ({ method: METHODS.health, handle: () => jsonAnswer({ live: true }) }),
    },
    {
      verb: 'GET',
      path: /^\/v2\/health\/ready$/,
      route: () => ({
        method: METHODS.health,
        handle: () => {
          const ready = health.Check({ service: '' }).status === 'SERVING';
          return jsonAnswer({ ready }, ready ? 200 : 503);
        },
      }),
    },
    {
      verb: 'GET',
      path: new RegExp(`${MODEL}/ready$`),
      route: (groups) => ({
        method: METHODS.status,
        handle: () => {
          const { name, version } = modelOf(groups);
          const { modelVersionStatus = [] } = modelStatus.GetModelStatus({
            modelSpec: modelSpec({ name, version }),
          });
          const ready = modelVersionStatus.some(({ state }) => state === 'AVAILABLE');
          return jsonAnswer({ name, ready }, ready ? 200 : 503);
        },
      }),
    },
    {
      verb: 'GET',
      path: new RegExp(`${MODEL}$`),
      route: (groups) => ({
        method: METHODS.metadata,
        handle: () => {
          const served = model();
          served.requireMatch(modelSpec(modelOf(groups)));
          const { inputs, outputs } = signatureDef(served.pipeline);
          return jsonAnswer({
            name: served.name,
            versions: [served.version],
            platform: 'cdktf-brainwave',
            inputs: describe(inputs),
            outputs: describe(outputs),
          });
        },
      }),
    },
    {
      verb: 'POST',
      path: new RegExp(`${MODEL}/infer$`),
      route: (groups) => ({
        method: METHODS.predict,
        handle: async (request, call) => {
          const { json, inputs } = readInfer(request);
          const requested = requestedOutputs(json);
          const response = await prediction.Predict(
            {
              modelSpec: modelSpec(modelOf(groups)),
              inputs,
              outputFilter: requested.map(({ name }) => name),
            },
            call,
          );
          const { name, version } = model();
          const about = {
            model_name: name,
            model_version: version,
            ...(typeof json.id === 'string' && { id: json.id }),
          };
          const allBinary = parametersOf(json).binary_data_output === true;
          return inferAnswer(
            about,
            outputTensors(response),
            (output) => requested.find((each) => each.name === output)?.binary ?? allBinary,
          );
        },
      }),
    },
  ];
}

function packageVersion(): string {
  const file = path.join(PACKAGE_FOLDER, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function modelOf({ name = '', version }: Readonly<Record<string, string | undefined>>): RequestedModel {
  return { name, version };
}

function describe(tensors: Readonly<Record<string, TensorInfo>>): JsonObject[] {
  return Object.entries(tensors).map(([name, { dtype, tensorShape }]) => ({
    name,
    datatype: dtype === 'DT_STRING' ? 'BYTES' : 'FP32',
    shape: (tensorShape?.dim ?? []).map(({ size }) => Number(size)),
  }));
}

/** Reads the JSON of a request and its binary tensors, which follow it in the order of the inputs. */
function readInfer({ headers, body }: HttpRequest): {
  json: JsonObject;
  inputs: Record<string, TensorProto__Output>;
} {
  const header = headers[JSON_LENGTH];
  const length = header === undefined ? body.length : Number(header);
  if (!Number.isInteger(length) || length < 0 || length > body.length) {
    throw invalid(
      `${JSON_LENGTH} is "${String(header)}"; expected the number of bytes of the JSON, at most the ${body.length} of the body`,
    );
  }
  const json = parseJsonObject(body.subarray(0, length));
  if (!Array.isArray(json.inputs)) {
    throw invalid('the body has no "inputs"; send a list of {"name", "shape", "datatype", "data"}');
  }
  const binary = new BinaryTensors(body.subarray(length));
  const inputs: Record<string, TensorProto__Output> = {};
  for (const [index, input] of (json.inputs as unknown[]).entries()) {
    const [name, proto] = readInput(input, `inputs[${index}]`, binary);
    if (Object.hasOwn(inputs, name)) {
      throw invalid(`inputs[${index}].name is "${name}", which another input has; send each input once`);
    }
    inputs[name] = proto;
  }
  binary.requireEnd();
  return { json, inputs };
}

/** The bytes behind the JSON. */
class BinaryTensors {
  private read = 0;

  constructor(private readonly bytes: Buffer) {}

  next(size: number, name: string): Buffer {
    const end = this.read + size;
    if (end > this.bytes.length) {
      throw invalid(
        `${name}.parameters.binary_data_size is ${size}, but only ${this.bytes.length - this.read} bytes follow; ` +
          `send as many bytes after the JSON, and its length as ${JSON_LENGTH}`,
      );
    }
    const tensor = this.bytes.subarray(this.read, end);
    this.read = end;
    return tensor;
  }

  requireEnd(): void {
    if (this.read < this.bytes.length) {
      throw invalid(
        `${this.bytes.length - this.read} bytes follow the binary tensors; set binary_data_size of each input to its size`,
      );
    }
  }
}

function readInput(input: unknown, at: string, binary: BinaryTensors): [string, TensorProto__Output] {
  if (!isJsonObject(input) || typeof input.name !== 'string') {
    throw invalid(`${at} has no name; send {"name", "shape", "datatype", "data"}`);
  }
  const { name, datatype, shape, data } = input;
  if (!isShape(shape)) {
    throw invalid(`${at}.shape is not a list of whole numbers; send the dimensions, batch first`);
  }
  if (typeof datatype !== 'string' || (datatype !== 'BYTES' && !Object.hasOwn(BINARY_TYPES, datatype))) {
    throw invalid(
      `${at}.datatype is ${JSON.stringify(datatype)}; expected BYTES for encoded images, or FP32, FP64, FP16 or UINT8`,
    );
  }
  try {
    const count = checkedElementCount(shape, DEFAULT_MAX_ELEMENTS);
    const size = parametersOf(input).binary_data_size;
    if (size !== undefined) {
      if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) {
        throw invalid(`${at}.parameters.binary_data_size is not a whole number; send the number of bytes`);
      }
      const bytes = binary.next(size, at);
      return [
        name,
        datatype === 'BYTES'
          ? imagesProto(shape, splitBytes(bytes, at))
          : arrayProto(BINARY_TYPES[datatype], shape, bytes),
      ];
    }
    if (!Array.isArray(data)) {
      throw invalid(`${at}.data is not a list; send the elements, or binary_data_size and the bytes`);
    }
    return [name, datatype === 'BYTES' ? textImages(data, shape, at) : numbers(data, shape, count, at)];
  } catch (error) {
    throw error instanceof TensorFormatError ? invalid(error.message) : error;
  }
}

/** Numbers may be nested or flat. */
function numbers(data: unknown, shape: readonly number[], count: number, at: string): TensorProto__Output {
  const tensor = tensorFromJson(data, `${at}.data`);
  if (tensor.data.length !== count) {
    throw invalid(
      `${at}.data has ${tensor.data.length} elements, but shape is ${formatShape(shape)}; send ${count} elements`,
    );
  }
  return arrayProto('DT_FLOAT', shape, floatBytes(tensor.data));
}

/** JSON cannot hold the bytes of an image, so its strings are base64, as in MLServer. */
function textImages(data: readonly unknown[], shape: readonly number[], at: string): TensorProto__Output {
  const images = data.flat().map((image, index) => {
    if (typeof image !== 'string') {
      throw invalid(`${at}.data[${index}] is not a string; send encoded images as base64`);
    }
    return decodeBase64(image, `${at}.data[${index}]`);
  });
  return imagesProto(shape, images);
}

/** Splits elements that each start with their length, in four little-endian bytes. */
function splitBytes(bytes: Buffer, at: string): Buffer[] {
  const elements: Buffer[] = [];
  let position = 0;
  while (position < bytes.length) {
    const start = position + 4;
    const end = start <= bytes.length ? start + bytes.readUInt32LE(position) : Infinity;
    if (end > bytes.length) {
      throw invalid(
        `${at} ends in the middle of an element; send the length of each element, in four little-endian bytes, before its bytes`,
      );
    }
    elements.push(bytes.subarray(start, end));
    position = end;
  }
  return elements;
}

function requestedOutputs({ outputs = [] }: JsonObject): { name: string; binary: boolean | undefined }[] {
  if (!Array.isArray(outputs)) {
    throw invalid('"outputs" is not a list; send a list of {"name"}, or omit it for all outputs');
  }
  return (outputs as unknown[]).map((output, index) => {
    if (!isJsonObject(output) || typeof output.name !== 'string') {
      throw invalid(`outputs[${index}] has no name; send {"name"}`);
    }
    const { binary_data: binary } = parametersOf(output);
    return { name: output.name, binary: typeof binary === 'boolean' ? binary : undefined };
  });
}

function inferAnswer(
  about: JsonObject,
  tensors: readonly [string, FloatTensor][],
  isBinary: (name: string) => boolean,
): HttpAnswer {
  const parts: Buffer[] = [];
  const outputs = tensors.map(([name, { shape, data }]) => {
    const output = { name, datatype: 'FP32', shape };
    if (!isBinary(name)) {
      return { ...output, data: Array.from(data, jsonNumber) };
    }
    parts.push(floatBytes(data));
    return { ...output, parameters: { binary_data_size: 4 * elementCount(shape) } };
  });
  const answer = { ...about, outputs };
  if (parts.length === 0) {
    return jsonAnswer(answer);
  }
  const json = Buffer.from(JSON.stringify(answer));
  return {
    headers: { 'content-type': 'application/octet-stream', [JSON_LENGTH]: String(json.length) },
    body: Buffer.concat([json, ...parts]),
  };
}

function parametersOf({ parameters }: JsonObject): JsonObject {
  return isJsonObject(parameters) ? parameters : {};
}

function isShape(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length <= 8 &&
    value.every((size) => typeof size === 'number' && Number.isInteger(size) && size >= 0)
  );
}
