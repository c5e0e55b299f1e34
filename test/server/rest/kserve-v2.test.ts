import { readFileSync } from 'node:fs';
import path from 'node:path';

import fc from 'fast-check';

import { sampleServiceDefinition } from '../../support/sample-service-definition';
import { http } from '../support/http-client';
import { startServer, type TestServer } from '../support/test-server';

const cat = readFileSync(path.resolve(__dirname, '../../../examples/quickstart/images/chelsea.png'));
const INFER = '/v2/models/tiny/infer';

let arrays: TestServer;
let images: TestServer;

beforeAll(async () => {
  [arrays, images] = await Promise.all([
    startServer({ modelVersion: 'blue' }),
    startServer({ zip: sampleServiceDefinition()._toZip() }),
  ]);
});

afterAll(() => Promise.all([arrays.stop(), images.stop()]));

const row = { name: 'x', shape: [1, 3], datatype: 'FP32', data: [1, 2, 3] };

/** The JSON of a request, followed by binary tensors. */
function binary(json: object, ...tensors: Uint8Array[]) {
  const header = Buffer.from(JSON.stringify(json));
  return {
    body: Buffer.concat([header, ...tensors]),
    headers: { 'inference-header-content-length': String(header.length) },
  };
}

it.each([
  [
    '/v2',
    { name: 'cdktf-brainwave', version: expect.any(String) as string, extensions: ['binary_tensor_data'] },
  ],
  ['/v2/health/live', { live: true }],
  ['/v2/health/ready', { ready: true }],
  ['/v2/models/tiny/ready', { name: 'tiny', ready: true }],
  ['/v2/models/tiny/versions/blue/ready', { name: 'tiny', ready: true }],
  [
    '/v2/models/tiny',
    {
      name: 'tiny',
      versions: ['blue'],
      platform: 'cdktf-brainwave',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
      outputs: [{ name: 'output_alias', datatype: 'FP32', shape: [-1, 3] }],
    },
  ],
])('GET %s', async (target, answer) => {
  const response = await http(arrays.port, target);
  expect(response.json).toEqual(answer);
  expect(response.status).toBe(200);
});

describe('infer', () => {
  const answer = {
    model_name: 'tiny',
    model_version: 'blue',
    outputs: [{ name: 'output_alias', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
  };

  it.each([
    ['flat numbers', row],
    ['nested numbers', { ...row, data: [[1, 2, 3]] }],
    ['FP64', { ...row, datatype: 'FP64' }],
    ['UINT8', { ...row, datatype: 'UINT8' }],
  ])('answers %s', async (_, input) => {
    const response = await http(arrays.port, INFER, { body: { id: 'a', inputs: [input] } });
    expect(response.json).toEqual({ ...answer, id: 'a' });
  });

  it.each([
    ['FP32', Buffer.from(Float32Array.of(1, 2, 3).buffer)],
    ['FP64', Buffer.from(Float64Array.of(1, 2, 3).buffer)],
    ['FP16', Buffer.from(Uint16Array.of(0x3c00, 0x4000, 0x4200).buffer)],
    ['UINT8', Buffer.of(1, 2, 3)],
  ])('reads binary %s and answers in binary', async (datatype, bytes) => {
    const input = { name: 'x', shape: [1, 3], datatype, parameters: { binary_data_size: bytes.length } };
    const json = { inputs: [input], parameters: { binary_data_output: true } };
    const response = await http(arrays.port, INFER, binary(json, bytes));
    const length = Number(response.headers['inference-header-content-length']);
    expect(JSON.parse(response.body.subarray(0, length).toString())).toMatchObject({
      outputs: [{ name: 'output_alias', shape: [1, 3], parameters: { binary_data_size: 12 } }],
    });
    expect(response.body.subarray(length)).toEqual(Buffer.from(Float32Array.of(1, 2, 3).buffer));
    expect(response.headers['content-type']).toBe('application/octet-stream');
  });

  it('answers the outputs that are asked for, each in its form', async () => {
    const outputs = [{ name: 'output_alias', parameters: { binary_data: false } }];
    const body = { inputs: [row], outputs, parameters: { binary_data_output: true } };
    expect((await http(arrays.port, INFER, { body })).json).toEqual(answer);
  });

  it('scores an image, in binary or as base64', async () => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(cat.length);
    const input = { name: 'images', shape: [1], datatype: 'BYTES' };
    const sized = { ...input, parameters: { binary_data_size: cat.length + 4 } };
    const answers = await Promise.all([
      http(images.port, INFER, binary({ inputs: [sized] }, length, cat)),
      http(images.port, INFER, { body: { inputs: [{ ...input, data: [cat.toString('base64')] }] } }),
    ]);
    const [first, second] = answers.map(
      ({ json }) => (json as { outputs: { data: number[] }[] }).outputs[0].data,
    );
    expect(first.indexOf(Math.max(...first))).toBe(282);
    expect(second).toEqual(first);
  });

  it.each<[string, object, string]>([
    ['no inputs', {}, 'the body has no "inputs"'],
    ['an input without a name', { inputs: [{}] }, 'inputs[0] has no name'],
    ['the same input twice', { inputs: [row, row] }, 'inputs[1].name is "x", which another input has'],
    [
      'a shape that is none',
      { inputs: [{ ...row, shape: [-1, 3] }] },
      'inputs[0].shape is not a list of whole numbers',
    ],
    ['too many elements', { inputs: [{ ...row, shape: [1e9] }] }, 'expected at most 16777216'],
    [
      'another type',
      { inputs: [{ ...row, datatype: 'INT64' }] },
      'inputs[0].datatype is "INT64"; expected BYTES',
    ],
    [
      'too few numbers',
      { inputs: [{ ...row, data: [1] }] },
      'inputs[0].data has 1 elements, but shape is [1, 3]; send 3 elements',
    ],
    ['no data', { inputs: [{ ...row, data: undefined }] }, 'inputs[0].data is not a list'],
    [
      'text that is not base64',
      { inputs: [{ ...row, datatype: 'BYTES', data: ['!'] }] },
      'inputs[0].data[0] is not base64',
    ],
    ['numbers for images', { inputs: [{ ...row, datatype: 'BYTES' }] }, 'inputs[0].data[0] is not a string'],
    ['an unknown output', { inputs: [row], outputs: [{ name: 'a' }] }, 'unknown output "a"'],
    [
      'bytes that are missing',
      { inputs: [{ ...row, parameters: { binary_data_size: 12 } }] },
      'inputs[0].parameters.binary_data_size is 12, but only 0 bytes follow',
    ],
  ])('rejects %s', async (_, body, message) => {
    const response = await http(arrays.port, INFER, { body });
    expect(response.json).toEqual({ error: expect.stringContaining(message) as string });
    expect(response.status).toBe(400);
  });

  it.each<[string, { body: Buffer; headers: Record<string, string> }, string]>([
    [
      'bytes that nothing describes',
      binary({ inputs: [row] }, Buffer.alloc(3)),
      '3 bytes follow the binary tensors',
    ],
    [
      'a length beyond the body',
      { body: Buffer.from('{}'), headers: { 'inference-header-content-length': '9' } },
      'inference-header-content-length is "9"',
    ],
    [
      'an element that ends too early',
      binary(
        { inputs: [{ ...row, datatype: 'BYTES', parameters: { binary_data_size: 5 } }] },
        Buffer.of(9, 0, 0, 0, 1),
      ),
      'inputs[0] ends in the middle of an element',
    ],
  ])('rejects %s', async (_, request, message) => {
    expect((await http(arrays.port, INFER, request)).json).toEqual({
      error: expect.stringContaining(message) as string,
    });
  });

  it('survives any header and body', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: -1, max: 250 }),
        async (body, length) => {
          const headers = { 'inference-header-content-length': String(length) };
          expect(await http(arrays.port, INFER, { body, headers })).toMatchObject({ status: 400 });
        },
      ),
      { numRuns: 30 },
    );
  });
});
