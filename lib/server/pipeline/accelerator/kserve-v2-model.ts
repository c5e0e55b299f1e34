import type { CallOptions, ServiceCaller } from '../../../client/service-caller';
import { serviceDefinition } from '../../../wire/proto/load';
import type { GRPCInferenceServiceDefinition } from '../../../wire/proto/types/inference/GRPCInferenceService';
import type { _inference_ModelMetadataResponse_TensorMetadata__Output as TensorMetadata } from '../../../wire/proto/types/inference/ModelMetadataResponse';
import type { ModelInferResponse__Output } from '../../../wire/proto/types/inference/ModelInferResponse';
import type { FloatTensor } from '../../../wire/tensor';
import { TensorFormatError } from '../../../wire/tensor-proto';
import type { AcceleratorModel, ModelDescription, TensorDescription, TensorNames } from './accelerator-model';
import { fromRawContents, toRawContents } from './raw-tensor';

/** A model on a server that speaks the Open Inference Protocol ("KServe v2"). */
export class KserveV2Model implements AcceleratorModel {
  private readonly methods = serviceDefinition(
    'inference.GRPCInferenceService',
  ) as unknown as GRPCInferenceServiceDefinition;

  constructor(
    private readonly caller: ServiceCaller,
    private readonly name: string,
    private readonly version: string,
  ) {}

  async isReady(options: CallOptions): Promise<boolean> {
    const { name, version } = this;
    const { ready } = await this.caller.call(this.methods.ModelReady, { name, version }, options);
    return ready;
  }

  async describe(options: CallOptions): Promise<ModelDescription> {
    const { name, version } = this;
    const metadata = await this.caller.call(this.methods.ModelMetadata, { name, version }, options);
    return { inputs: metadata.inputs.map(describeTensor), outputs: metadata.outputs.map(describeTensor) };
  }

  async infer(tensor: FloatTensor, names: TensorNames, options: CallOptions): Promise<FloatTensor> {
    const response = await this.caller.call(
      this.methods.ModelInfer,
      {
        modelName: this.name,
        modelVersion: this.version,
        inputs: [{ name: names.input, datatype: 'FP32', shape: [...tensor.shape] }],
        outputs: [{ name: names.output }],
        rawInputContents: [toRawContents(tensor)],
      },
      options,
    );
    return readOutput(response, names.output);
  }
}

function describeTensor({ name, datatype, shape }: TensorMetadata): TensorDescription {
  return { name, type: datatype, isFloat32: datatype === 'FP32', shape };
}

/** Servers answer in raw bytes or in typed contents, as they like. */
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
