import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor';

import { serviceDefinition } from '../../lib/wire/proto/load';
import type { ServerReflectionRequest } from '../../lib/wire/proto/types/grpc/reflection/v1/ServerReflectionRequest';
import type { ServerReflectionResponse__Output } from '../../lib/wire/proto/types/grpc/reflection/v1/ServerReflectionResponse';
import { afterwards } from '../support/cleanup';
import { issueCertificate } from '../support/certificates';
import { framed, RawClient, statusOf, type RawAnswer } from './support/raw-client';
import { answerOf, GrpcClient, HOSTNAME, rowRequest } from './support/grpc-client';
import { keys, serverForTest } from './support/test-server';

const REFLECTION = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const { ServerReflectionInfo } = serviceDefinition('grpc.reflection.v1.ServerReflection');

interface Field {
  readonly typeName?: string;
}
interface Message {
  readonly name: string;
  readonly field: readonly Field[];
  readonly nestedType: readonly Message[];
  readonly enumType: readonly { readonly name: string }[];
}
interface File {
  readonly name: string;
  readonly package: string;
  readonly dependency: readonly string[];
  readonly messageType: readonly Message[];
  readonly enumType: readonly { readonly name: string }[];
  readonly service: readonly {
    readonly name: string;
    readonly method: readonly {
      readonly name: string;
      readonly inputType: string;
      readonly outputType: string;
    }[];
  }[];
}

/** Sends requests in one stream. */
async function reflect(
  port: number,
  requests: readonly ServerReflectionRequest[],
  path = REFLECTION,
): Promise<{ raw: RawAnswer; responses: ServerReflectionResponse__Output[] }> {
  const client = new RawClient(port);
  afterwards(() => {
    client.close();
  });
  const body = Buffer.concat(
    requests.map((request) => framed(ServerReflectionInfo.requestSerialize(request))),
  );
  const raw = await client.send(path, body);
  const responses: ServerReflectionResponse__Output[] = [];
  for (let rest = raw.body; rest.length > 0;) {
    const end = 5 + rest.readUInt32BE(1);
    responses.push(
      ServerReflectionInfo.responseDeserialize(rest.subarray(5, end)) as ServerReflectionResponse__Output,
    );
    rest = rest.subarray(end);
  }
  return { raw, responses };
}

function filesOf(response: ServerReflectionResponse__Output): Buffer[] {
  return response.fileDescriptorResponse?.fileDescriptorProto ?? [];
}

function decode(file: Buffer): File {
  const message = descriptor.FileDescriptorProto.decode(file);
  return descriptor.FileDescriptorProto.toObject(message, { arrays: true }) as File;
}

function declared(prefix: string, { name, nestedType, enumType }: Message): string[] {
  const own = `${prefix}.${name}`;
  return [
    own,
    ...enumType.map((type) => `${own}.${type.name}`),
    ...nestedType.flatMap((type) => declared(own, type)),
  ];
}

function references({ field, nestedType }: Message): string[] {
  return [
    ...field.flatMap(({ typeName }) => (typeName === undefined || typeName === '' ? [] : [typeName])),
    ...nestedType.flatMap(references),
  ];
}

it('lists the services, and answers several requests in one stream', async () => {
  const { port } = await serverForTest({ reflection: true });
  const { raw, responses } = await reflect(port, [
    { listServices: '' },
    { host: 'a.example', allExtensionNumbersOfType: 'tensorflow.TensorProto' },
    { fileByFilename: 'tensorflow/core/framework/types.proto' },
  ]);
  expect(statusOf(raw).code).toBe(0);
  expect(responses[0].listServicesResponse?.service.map(({ name }) => name)).toEqual([
    'grpc.health.v1.Health',
    'grpc.reflection.v1.ServerReflection',
    'tensorflow.serving.ModelService',
    'tensorflow.serving.PredictionService',
  ]);
  expect(responses[1]).toMatchObject({
    validHost: 'a.example',
    allExtensionNumbersResponse: { baseTypeName: 'tensorflow.TensorProto', extensionNumber: [] },
  });
  expect(filesOf(responses[2]).map((file) => decode(file).name)).toEqual([
    'tensorflow/core/framework/types.proto',
  ]);
});

it.each([
  'grpc.health.v1.Health',
  'grpc.reflection.v1.ServerReflection',
  'tensorflow.serving.ModelService',
  'tensorflow.serving.PredictionService',
])(
  'describes %s in files that are complete: every type is in its file or in one that it imports',
  async (symbol) => {
    const { port } = await serverForTest({ reflection: true });
    const { responses } = await reflect(port, [{ fileContainingSymbol: symbol }]);
    const files = new Map(filesOf(responses[0]).map((bytes) => [decode(bytes).name, decode(bytes)]));
    const typesOf = ({ package: prefix, messageType, enumType }: File) => [
      ...messageType.flatMap((type) => declared(`.${prefix}`, type)),
      ...enumType.map(({ name }) => `.${prefix}.${name}`),
    ];
    const missing = [...files.values()].flatMap((file) => {
      const known = [file, ...file.dependency.map((name) => files.get(name))].flatMap((one) =>
        one ? typesOf(one) : [],
      );
      const used = [
        ...file.messageType.flatMap(references),
        ...file.service.flatMap(({ method }) =>
          method.flatMap(({ inputType, outputType }) => [inputType, outputType]),
        ),
      ];
      return used.filter((type) => !known.includes(type));
    });
    const [first] = files.values();
    expect(first.service.map(({ name }) => `${first.package}.${name}`)).toContain(symbol);
    expect(missing).toEqual([]);
  },
);

it('is enough to score with, for a client that has no proto file', async () => {
  const { port } = await serverForTest({ reflection: true });
  const { responses } = await reflect(port, [
    { fileContainingSymbol: 'tensorflow.serving.PredictionService.Predict' },
  ]);
  const set = descriptor.FileDescriptorSet.encode(
    descriptor.FileDescriptorSet.create({
      file: filesOf(responses[0]).map((file) => descriptor.FileDescriptorProto.decode(file)),
    }),
  ).finish();
  const loaded = loadFileDescriptorSetFromBuffer(Buffer.from(set), { keepCase: true });
  const { Predict } = loaded['tensorflow.serving.PredictionService'] as ServiceDefinition;
  // protobufjs takes a map that it has from a descriptor for the list of entries that it is on the wire.
  const x = { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: 1 }, { size: 3 }] }, float_val: [1, 2, 3] };
  const request = Predict.requestSerialize({ inputs: [{ key: 'x', value: x }] });
  const client = new RawClient(port);
  afterwards(() => {
    client.close();
  });
  const answer = await client.send(Predict.path, framed(request));
  const response = Predict.responseDeserialize(answer.body.subarray(5)) as {
    outputs: { key: string; value: { float_val: number[] } }[];
  };
  expect(response.outputs.map(({ key }) => key)).toEqual(['output_alias']);
  expect(response.outputs[0].value.float_val).toEqual([1, 2, 3]);
});

it('answers under its previous name, v1alpha, too', async () => {
  const { port } = await serverForTest({ reflection: true });
  const { responses } = await reflect(port, [{ listServices: '' }], REFLECTION.replace('v1', 'v1alpha'));
  expect(responses[0].listServicesResponse?.service).toHaveLength(4);
});

it.each<[ServerReflectionRequest, object]>([
  [{ fileContainingSymbol: 'a.B' }, { errorCode: 5, errorMessage: 'unknown file or symbol "a.B"' }],
  [{ fileByFilename: '../x.proto' }, { errorCode: 5, errorMessage: 'unknown file or symbol "../x.proto"' }],
  [{ allExtensionNumbersOfType: 'a.B' }, { errorCode: 5, errorMessage: 'unknown type "a.B"' }],
  [{ fileContainingExtension: {} }, { errorCode: 5, errorMessage: 'this server has no extensions' }],
  [{}, { errorCode: 3, errorMessage: 'the request is empty; set one of its fields' }],
])('answers %j with an error, and continues', async (request, errorResponse) => {
  const { port } = await serverForTest({ reflection: true });
  const { responses } = await reflect(port, [request, { listServices: '' }]);
  expect(responses[0]).toMatchObject({ errorResponse });
  expect(responses[1].listServicesResponse?.service).toHaveLength(4);
});

it('is off unless it is asked for, and is switched by reload', async () => {
  const { server, model, port } = await serverForTest();
  const { raw } = await reflect(port, [{ listServices: '' }]);
  expect(statusOf(raw)).toEqual({
    code: 12,
    message: 'server reflection is disabled; use the proto files instead',
  });
  await server.reload({ model, limits: { workers: 1 }, reflection: true });
  expect((await reflect(port, [{ listServices: '' }])).responses).toHaveLength(1);
});

it('needs a key where the service does', async () => {
  const certificate = await issueCertificate({ names: [HOSTNAME] });
  const { address } = await serverForTest({ reflection: true, tls: certificate, keys });
  const client = new GrpcClient(address, { root: certificate.certificate });
  afterwards(() => {
    client.close();
  });
  const stream = client.stream('grpc.reflection.v1.ServerReflection/ServerReflectionInfo', {
    listServices: '',
  });
  const failure = await new Promise<Error>((resolve) => stream.on('error', resolve));
  expect(failure.message).toMatch(/^16 UNAUTHENTICATED: the call has no key/);
});

it('does not affect other calls', async () => {
  const { port, address } = await serverForTest({ reflection: true });
  const client = new GrpcClient(address);
  afterwards(() => {
    client.close();
  });
  const [outcome] = await Promise.all([
    client.predict(rowRequest(1, 2, 3)),
    reflect(port, [{ fileContainingSymbol: 'tensorflow.serving.PredictionService' }]),
  ]);
  expect(answerOf(outcome)).toEqual([1, 2, 3]);
});
