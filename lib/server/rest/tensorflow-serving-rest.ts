import { tensorFromJson, tensorToJson } from '../../wire/json-tensor';
import type { TensorInfo } from '../../wire/proto/types/tensorflow/TensorInfo';
import type { TensorProto__Output } from '../../wire/proto/types/tensorflow/TensorProto';
import type { FloatTensor } from '../../wire/tensor';
import { elementCount } from '../../wire/tensor';
import { arrayProto, floatBytes, TensorFormatError } from '../../wire/tensor-proto';
import { IMAGES_INPUT, signatureDef } from '../prediction-service';
import { SIGNATURE_NAME } from '../served-model';
import type { PathRoute } from '../transport/path-router';
import { jsonAnswer } from '../transport/http-call';
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

const MODEL = '^/v1/models/(?<name>[^/:]*)(?:/versions/(?<version>[^/:]+)|/labels/(?<label>[^/:]+))?';

/**
 * TensorFlow Serving's REST API.
 * @see https://www.tensorflow.org/tfx/serving/api_rest
 */
export function tensorflowServingRoutes({ prediction, modelStatus, model }: RestServices): PathRoute[] {
  return [
    {
      verb: 'POST',
      path: new RegExp(`${MODEL}:predict$`),
      route: (groups) => ({
        method: METHODS.predict,
        handle: async ({ body }, call) => {
          const { inputs, isRows, signatureName } = readPredict(parseJsonObject(body));
          const spec = modelSpec(modelOf(groups), signatureName);
          const response = await prediction.Predict({ modelSpec: spec, inputs, outputFilter: [] }, call);
          const outputs = outputTensors(response);
          return jsonAnswer(isRows ? { predictions: rows(outputs) } : { outputs: columns(outputs) });
        },
      }),
    },
    {
      verb: 'GET',
      path: new RegExp(`${MODEL}$`),
      route: (groups) => ({
        method: METHODS.status,
        handle: () => {
          const { modelVersionStatus = [] } = modelStatus.GetModelStatus({
            modelSpec: modelSpec(modelOf(groups)),
          });
          return jsonAnswer({
            model_version_status: modelVersionStatus.map(({ version, state, status }) => ({
              version: String(version),
              state,
              status: { error_code: status?.errorCode, error_message: status?.errorMessage },
            })),
          });
        },
      }),
    },
    {
      verb: 'GET',
      path: new RegExp(`${MODEL}/metadata$`),
      route: (groups) => ({
        method: METHODS.metadata,
        handle: () => {
          const served = model();
          served.requireMatch(modelSpec(modelOf(groups)));
          const { inputs, outputs, methodName } = signatureDef(served.pipeline);
          const signature = {
            inputs: describe(inputs),
            outputs: describe(outputs),
            method_name: methodName,
          };
          const { name, version } = served.spec;
          return jsonAnswer({
            model_spec: { name, signature_name: '', version: String(version?.value) },
            metadata: { signature_def: { signature_def: { [SIGNATURE_NAME]: signature } } },
          });
        },
      }),
    },
  ];
}

function modelOf({
  name = '',
  version,
  label,
}: Readonly<Record<string, string | undefined>>): RequestedModel {
  return { name, version, label };
}

function describe(tensors: Readonly<Record<string, TensorInfo>>): JsonObject {
  return Object.fromEntries(
    Object.entries(tensors).map(([key, { name, dtype, tensorShape }]) => [
      key,
      {
        dtype,
        tensor_shape: {
          // As in protobuf's JSON, where 64-bit integers are strings.
          dim: (tensorShape?.dim ?? []).map(({ size }) => ({ size: String(size), name: '' })),
          unknown_rank: false,
        },
        name,
      },
    ]),
  );
}

interface PredictBody {
  readonly inputs: Record<string, TensorProto__Output>;
  readonly isRows: boolean;
  readonly signatureName: string;
}

/** Reads the row format, `instances`, or the columnar format, `inputs`. */
function readPredict(body: JsonObject): PredictBody {
  const { instances, inputs, signature_name: signatureName = '' } = body;
  if (typeof signatureName !== 'string') {
    throw invalid('signature_name is not a string; omit it');
  }
  if ((instances === undefined) === (inputs === undefined)) {
    throw invalid(
      `the body has ${instances === undefined ? 'neither "instances" nor "inputs"' : '"instances" and "inputs"'}; ` +
        'send one of them',
    );
  }
  if (instances !== undefined) {
    return { inputs: readRows(instances), isRows: true, signatureName };
  }
  // An input without a name is the only one, which may be called "images" whatever its name is.
  const named = isJsonObject(inputs) && !isBinary(inputs) ? inputs : { [IMAGES_INPUT]: inputs };
  return {
    inputs: readTensors(named, (name) => (named === inputs ? `inputs.${name}` : 'inputs')),
    isRows: false,
    signatureName,
  };
}

function readRows(instances: unknown): Record<string, TensorProto__Output> {
  if (!Array.isArray(instances) || instances.length === 0) {
    throw invalid('"instances" is not a list of at least one instance; send one instance per image');
  }
  const [first] = instances as unknown[];
  if (!isJsonObject(first) || isBinary(first)) {
    return readTensors({ [IMAGES_INPUT]: instances }, () => 'instances');
  }
  const names = Object.keys(first);
  const rowsByName = names.map((name) => {
    const values = (instances as unknown[]).map((instance, index) => {
      if (
        !isJsonObject(instance) ||
        !Object.hasOwn(instance, name) ||
        Object.keys(instance).length !== names.length
      ) {
        throw invalid(
          `instances[${index}] does not have the inputs of instances[0], ${names.join(', ')}; ` +
            'send the same inputs in every instance',
        );
      }
      return instance[name];
    });
    return [name, values] as const;
  });
  return readTensors(Object.fromEntries(rowsByName), (name) => `instances[].${name}`);
}

function readTensors(
  values: JsonObject,
  nameOf: (name: string) => string,
): Record<string, TensorProto__Output> {
  try {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, readTensor(value, nameOf(name))]),
    );
  } catch (error) {
    throw error instanceof TensorFormatError ? invalid(error.message) : error;
  }
}

/** Reads nested arrays of numbers, or one encoded image, a list of them, or a list of lists of one. */
function readTensor(value: unknown, name: string): TensorProto__Output {
  const leaf = firstLeaf(value);
  if (typeof leaf === 'string') {
    throw invalid(`${name} contains a string; send images as {"b64": "<base64>"}`);
  }
  if (!isJsonObject(leaf)) {
    const { shape, data } = tensorFromJson(value, name);
    return arrayProto('DT_FLOAT', shape, floatBytes(data));
  }
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  const isNested = Array.isArray(list[0]);
  const images = list.map((element, index) => {
    const image: unknown = isNested && Array.isArray(element) && element.length === 1 ? element[0] : element;
    return imageOf(image, `${name}[${index}]`);
  });
  return imagesProto(isNested ? [images.length, 1] : [images.length], images);
}

function firstLeaf(value: unknown): unknown {
  let leaf = value;
  while (Array.isArray(leaf)) {
    leaf = (leaf as unknown[])[0];
  }
  return leaf;
}

function imageOf(value: unknown, name: string): Buffer {
  if (!isBinary(value)) {
    throw invalid(`${name} is not an encoded image; send {"b64": "<base64>"}`);
  }
  return decodeBase64(value.b64, `${name}.b64`);
}

function isBinary(value: unknown): value is { readonly b64: string } {
  return isJsonObject(value) && typeof value.b64 === 'string' && Object.keys(value).length === 1;
}

type NamedTensors = readonly (readonly [string, FloatTensor])[];

/** One value per row: the row of the only output, or an object with the row of each output. */
function rows(outputs: NamedTensors): unknown {
  const [first] = outputs;
  if (outputs.length === 1) {
    return tensorToJson(first[1]);
  }
  return Array.from({ length: first[1].shape[0] }, (_, index) =>
    Object.fromEntries(outputs.map(([name, tensor]) => [name, tensorToJson(rowOf(tensor, index))])),
  );
}

function columns(outputs: NamedTensors): unknown {
  const [first] = outputs;
  return outputs.length === 1
    ? tensorToJson(first[1])
    : Object.fromEntries(outputs.map(([name, tensor]) => [name, tensorToJson(tensor)]));
}

function rowOf({ shape: [, ...shape], data }: FloatTensor, index: number): FloatTensor {
  const size = elementCount(shape);
  return { shape, data: data.subarray(index * size, (index + 1) * size) };
}
