import { tensorFromJson, tensorToJson } from '../wire/json-tensor';
import { messageType } from '../wire/proto/load';
import type { HealthCheckRequest } from '../wire/proto/types/grpc/health/v1/HealthCheckRequest';
import type { HealthCheckResponse__Output } from '../wire/proto/types/grpc/health/v1/HealthCheckResponse';
import type { GetModelMetadataRequest } from '../wire/proto/types/tensorflow/serving/GetModelMetadataRequest';
import type { GetModelMetadataResponse__Output } from '../wire/proto/types/tensorflow/serving/GetModelMetadataResponse';
import type { GetModelStatusRequest } from '../wire/proto/types/tensorflow/serving/GetModelStatusRequest';
import type { GetModelStatusResponse__Output } from '../wire/proto/types/tensorflow/serving/GetModelStatusResponse';
import type { PredictRequest } from '../wire/proto/types/tensorflow/serving/PredictRequest';
import type { PredictResponse__Output } from '../wire/proto/types/tensorflow/serving/PredictResponse';
import type { SignatureDefMap } from '../wire/proto/types/tensorflow/serving/SignatureDefMap';
import { DataType } from '../wire/proto/types/tensorflow/DataType';
import type { TensorProto, TensorProto__Output } from '../wire/proto/types/tensorflow/TensorProto';
import { arrayProto, emptyProto, floatBytes, tensorFromProto } from '../wire/tensor-proto';
import type { UnaryMethod } from './service-caller';

/** The methods that a client calls, over gRPC or REST. */
export interface ClientMethods {
  readonly health: {
    readonly Check: UnaryMethod<HealthCheckRequest, HealthCheckResponse__Output>;
  };
  readonly model: {
    readonly GetModelStatus: UnaryMethod<GetModelStatusRequest, GetModelStatusResponse__Output>;
  };
  readonly prediction: {
    readonly GetModelMetadata: UnaryMethod<GetModelMetadataRequest, GetModelMetadataResponse__Output>;
    readonly Predict: UnaryMethod<PredictRequest, PredictResponse__Output>;
  };
}

/** JSON of a response. Each method reads what it expects and fails on anything else. */
type Json = Readonly<Record<string, unknown>>;

/**
 * The methods of a service over TensorFlow Serving's REST API. Health checks are those of the Open Inference Protocol, because
 * TensorFlow Serving has none over REST.
 * @param prefix path in front of the API, without a slash at its end
 * @param outputName name to give to the only output of a model, which REST does not name
 * @see https://www.tensorflow.org/tfx/serving/api_rest
 */
export function restMethods(prefix: string, modelName: string, outputName: string): ClientMethods {
  const model = `${prefix}/v1/models/${encodeURIComponent(modelName)}`;
  return {
    health: { Check: get(`${prefix}/v2/health/ready`, readHealth, [503]) },
    model: { GetModelStatus: get(model, readStatus) },
    prediction: {
      GetModelMetadata: get(`${model}/metadata`, readMetadata),
      Predict: {
        path: `${model}:predict`,
        requestParts: ({ inputs = {} }: PredictRequest) => {
          const columns = Object.entries(inputs).map(([name, proto]) => [name, inputOf(proto)]);
          return [Buffer.from(JSON.stringify({ inputs: Object.fromEntries(columns) as object }))];
        },
        responseDeserialize: (bytes) => readOutputs(parse(bytes), outputName),
      },
    },
  };
}

function get<Response>(
  path: string,
  read: (json: Json) => Response,
  alsoAnswers: readonly number[] = [],
): UnaryMethod<unknown, Response> {
  return {
    verb: 'GET',
    path,
    alsoAnswers,
    requestParts: () => [],
    responseDeserialize: (bytes) => read(parse(bytes)),
  };
}

function inputOf(proto: TensorProto): unknown {
  return proto.dtype === 'DT_STRING'
    ? (proto.stringVal ?? []).map((image) => ({ b64: Buffer.from(image).toString('base64') }))
    : tensorToJson(tensorFromProto({ ...emptyProto('DT_FLOAT', []), ...(proto as TensorProto__Output) }));
}

function readOutputs({ outputs }: Json, outputName: string): PredictResponse__Output {
  if (outputs === undefined || outputs === null) {
    throw new TypeError('it has no outputs');
  }
  const named = Array.isArray(outputs) ? { [outputName]: outputs as unknown } : outputs;
  return {
    outputs: Object.fromEntries(
      Object.entries(named).map(([name, value]): [string, TensorProto__Output] => {
        const { shape, data } = tensorFromJson(value, name);
        return [name, arrayProto('DT_FLOAT', shape, floatBytes(data))];
      }),
    ),
    modelSpec: null,
  };
}

function readHealth({ ready, live }: Json): HealthCheckResponse__Output {
  return { status: (ready ?? live) === false ? 'NOT_SERVING' : 'SERVING' };
}

interface RestStatus {
  readonly version?: string | undefined;
  readonly state?: string | undefined;
  readonly status?: { readonly error_message?: string | undefined } | undefined;
}

function readStatus({ model_version_status: versions }: Json): GetModelStatusResponse__Output {
  if (!Array.isArray(versions)) {
    throw new TypeError('it has no model_version_status');
  }
  return {
    modelVersionStatus: (versions as RestStatus[]).map(({ version, state, status }) => ({
      version: Number(version),
      state: (state ?? 'UNKNOWN') as GetModelStatusResponse__Output['modelVersionStatus'][number]['state'],
      status: { errorCode: 'OK', errorMessage: status?.error_message ?? '' },
    })),
  };
}

interface RestTensorInfo {
  readonly dtype?: string | undefined;
  readonly name?: string | undefined;
  readonly tensor_shape?:
    { readonly dim?: readonly { readonly size?: string | undefined }[] | undefined } | undefined;
}

interface RestSignature {
  readonly inputs?: Readonly<Record<string, RestTensorInfo>> | undefined;
  readonly outputs?: Readonly<Record<string, RestTensorInfo>> | undefined;
}

interface RestMetadata {
  readonly model_spec?:
    { readonly name?: string | undefined; readonly version?: string | undefined } | undefined;
  readonly metadata?:
    | {
        readonly signature_def?:
          { readonly signature_def?: Readonly<Record<string, RestSignature>> | undefined } | undefined;
      }
    | undefined;
}

function readMetadata(json: Json): GetModelMetadataResponse__Output {
  const { model_spec: spec, metadata } = json as RestMetadata;
  const signatures = Object.entries(metadata?.signature_def?.signature_def ?? {});
  const signatureDef = Object.fromEntries(
    signatures.map(([name, { inputs = {}, outputs = {} }]) => [
      name,
      { inputs: tensorInfos(inputs), outputs: tensorInfos(outputs) },
    ]),
  );
  const value = messageType<SignatureDefMap, object>('tensorflow.serving.SignatureDefMap').serialize({
    signatureDef,
  });
  return {
    modelSpec: {
      name: spec?.name ?? '',
      signatureName: '',
      version: spec?.version === undefined ? null : { value: Number(spec.version) },
    },
    metadata: { signature_def: { type_url: '', value } },
  };
}

function tensorInfos(infos: Readonly<Record<string, RestTensorInfo>>): SignatureDefInfos {
  return Object.fromEntries(
    Object.entries(infos).map(([key, { dtype = '', name, tensor_shape: shape }]) => [
      key,
      {
        // A server may know types that this client does not.
        dtype: Object.hasOwn(DataType, dtype) ? dtype : DataType.DT_INVALID,
        name,
        tensorShape: { dim: (shape?.dim ?? []).map(({ size }) => ({ size: Number(size) })) },
      },
    ]),
  ) as SignatureDefInfos;
}

type SignatureDefInfos = NonNullable<NonNullable<SignatureDefMap['signatureDef']>[string]['inputs']>;

function parse(bytes: Buffer): Json {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('it is not a JSON object');
  }
  return value as Json;
}
