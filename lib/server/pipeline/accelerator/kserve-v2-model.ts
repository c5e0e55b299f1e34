import type { CallOptions, InternalCallOptions, ServiceCaller } from '../../../client/service-caller';
import { serviceDefinition } from '../../../wire/proto/load';
import type { GRPCInferenceServiceDefinition } from '../../../wire/proto/types/inference/GRPCInferenceService';
import type { _inference_ModelMetadataResponse_TensorMetadata__Output as TensorMetadata } from '../../../wire/proto/types/inference/ModelMetadataResponse';
import type { ModelInferResponse__Output } from '../../../wire/proto/types/inference/ModelInferResponse';
import { elementCount, formatShape, type FloatTensor } from '../../../wire/tensor';
import { TensorFormatError } from '../../../wire/tensor-proto';
import type { AcceleratorModelName } from './accelerator-options';
import type { AcceleratorModel, ModelDescription, TensorDescription, TensorNames } from './accelerator-model';

/** A model on a server that implements the Open Inference Protocol ("KServe v2"). */
export class KserveV2Model implements AcceleratorModel {
  private readonly methods = serviceDefinition(
    'inference.GRPCInferenceService',
  ) as unknown as GRPCInferenceServiceDefinition;

  constructor(
    private readonly caller: ServiceCaller,
    private readonly asked: AcceleratorModelName,
  ) {}

  async isReady(options: CallOptions): Promise<boolean> {
    const { ready } = await this.caller.call(this.methods.ModelReady, this.asked, options);
    return ready;
  }

  async describe(options: CallOptions): Promise<ModelDescription> {
    const metadata = await this.caller.call(this.methods.ModelMetadata, this.asked, options);
    return { inputs: metadata.inputs.map(describeTensor), outputs: metadata.outputs.map(describeTensor) };
  }

  async infer(
    tensor: FloatTensor,
    names: TensorNames,
    options: InternalCallOptions,
  ): Promise<readonly FloatTensor[]> {
    const response = await this.caller.call(
      this.methods.ModelInfer,
      {
        modelName: this.asked.name,
        modelVersion: this.asked.version,
        inputs: [{ name: names.input, datatype: 'FP32', shape: [...tensor.shape] }],
        outputs: names.outputs.map((name) => ({ name })),
        rawInputContents: [toRawContents(tensor)],
      },
      options,
    );
    return names.outputs.map((name) => readOutput(response, name));
  }
}

function describeTensor({ name, datatype, shape }: TensorMetadata): TensorDescription {
  return { name, type: datatype, isFloat32: datatype === 'FP32', shape };
}

/** A server may return raw bytes or typed contents. */
function readOutput({ outputs, rawOutputContents }: ModelInferResponse__Output, name: string): FloatTensor {
  const index = outputs.findIndex((output) => output.name === name);
  const output = outputs.at(index);
  if (index < 0 || output?.datatype !== 'FP32') {
    const got = outputs.map((each) => `${each.name} (${each.datatype})`).join(', ') || 'none';
    throw new TensorFormatError(`got the outputs ${got}, expected ${name} (FP32)`);
  }
  const values = output.contents?.fp32Contents ?? [];
  const bytes = rawOutputContents.at(index) ?? toRawContents({ shape: [], data: Float32Array.from(values) });
  return fromRawContents(output.shape, bytes);
}

/** Returns an array's memory in the protocol's byte order: little-endian, as on every supported platform. */
export function toRawContents({ data }: FloatTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Decodes the contents of a tensor of type FP32. The result owns its memory.
 * @throws TensorFormatError if the number of bytes does not match the shape
 */
export function fromRawContents(shape: readonly number[], contents: Uint8Array): FloatTensor {
  const expected = elementCount(shape) * Float32Array.BYTES_PER_ELEMENT;
  if (!shape.every((size) => size >= 0) || contents.length !== expected) {
    throw new TensorFormatError(
      `got ${contents.length} bytes for an FP32 tensor of shape ${formatShape(shape)}, expected ${expected}; ` +
        'return 4 little-endian bytes per element',
    );
  }
  const data = new Float32Array(expected / Float32Array.BYTES_PER_ELEMENT);
  // The bytes can start at any offset of the received message, and floats must be aligned.
  new Uint8Array(data.buffer).set(contents);
  return { shape, data };
}
