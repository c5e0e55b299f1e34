import { readModelMetadata } from '../../../wire/model-metadata';
import type { CallOptions, InternalCallOptions, ServiceCaller } from '../../../client/service-caller';
import { serviceMethods } from '../../../wire/service-methods';
import type { ModelSpec } from '../../../wire/proto/types/tensorflow/serving/ModelSpec';
import type { FloatTensor } from '../../../wire/tensor';
import { TensorFormatError, tensorFromProto, tensorToProto } from '../../../wire/tensor-proto';
import type { AcceleratorModelName } from './accelerator-options';
import type { AcceleratorModel, ModelDescription, TensorDescription, TensorNames } from './accelerator-model';

/** A model on a server that implements TensorFlow Serving's protocol. */
export class TensorflowServingModel implements AcceleratorModel {
  private readonly methods = serviceMethods();
  private readonly modelSpec: ModelSpec;

  /** @param asked a version that is not a number is a label, which the server maps to a version */
  constructor(
    private readonly caller: ServiceCaller,
    { name, version }: AcceleratorModelName,
  ) {
    const choice = /^\d{1,15}$/.test(version)
      ? { version: { value: Number(version) } }
      : { versionLabel: version };
    this.modelSpec = { name, ...(version !== '' && choice) };
  }

  async isReady(options: CallOptions): Promise<boolean> {
    const { GetModelStatus } = this.methods.model;
    const response = await this.caller.call(GetModelStatus, { modelSpec: this.modelSpec }, options);
    return response.modelVersionStatus.some(({ state }) => state === 'AVAILABLE');
  }

  async describe(options: CallOptions): Promise<ModelDescription> {
    const response = await this.caller.call(
      this.methods.prediction.GetModelMetadata,
      { modelSpec: this.modelSpec, metadataField: ['signature_def'] },
      options,
    );
    const { inputs, outputs } = readModelMetadata(response);
    return { inputs: describeTensors(inputs), outputs: describeTensors(outputs) };
  }

  async infer(
    tensor: FloatTensor,
    names: TensorNames,
    options: InternalCallOptions,
  ): Promise<readonly FloatTensor[]> {
    const { outputs } = await this.caller.call(
      this.methods.prediction.Predict,
      {
        modelSpec: this.modelSpec,
        inputs: { [names.input]: tensorToProto(tensor) },
        outputFilter: [...names.outputs],
      },
      options,
    );
    return names.outputs.map((name) => {
      if (!Object.hasOwn(outputs, name)) {
        const got = Object.keys(outputs).join(', ') || 'none';
        throw new TensorFormatError(`got the outputs ${got}, expected ${name}`);
      }
      return tensorFromProto(outputs[name]);
    });
  }
}

function describeTensors(tensors: ReturnType<typeof readModelMetadata>['inputs']): TensorDescription[] {
  return Object.entries(tensors).map(([name, { dtype, shape }]) => ({
    name,
    type: dtype,
    isFloat32: dtype === 'DT_FLOAT',
    shape,
  }));
}
