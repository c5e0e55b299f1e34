import type { GetModelStatusRequest__Output } from '../wire/proto/types/tensorflow/serving/GetModelStatusRequest';
import type { GetModelStatusResponse } from '../wire/proto/types/tensorflow/serving/GetModelStatusResponse';
import { wireVersion } from '../wire/model-version';
import { requireModelMatch } from './served-model';

/** State of the served model. */
export interface ModelState {
  readonly name: string;
  readonly version: string;
  readonly state: 'LOADING' | 'AVAILABLE' | 'UNLOADING';
}

/** Implements `tensorflow.serving.ModelService`. */
export class ModelServiceHandlers {
  constructor(private readonly model: () => ModelState) {}

  readonly GetModelStatus = ({ modelSpec }: GetModelStatusRequest__Output): GetModelStatusResponse => {
    const { name, version, state } = this.model();
    requireModelMatch(modelSpec, name, version);
    return {
      modelVersionStatus: [
        { version: wireVersion(version), state, status: { errorCode: 'OK', errorMessage: '' } },
      ],
    };
  };
}
