import { writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Construct } from 'constructs';

import {
  ApiKeys,
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  ServiceDefinition,
  SslSettings,
  Stage,
} from '../../constructs';
import { onnxModel } from '../server/pipeline/support/onnx-model';

/** What a tiny service is like, besides being small. */
export interface TinyServiceOptions {
  readonly port: number;
  /** Another operation is another version of the model. @default 'Identity' */
  readonly operation?: 'Identity' | 'Neg';
  /** @default '1' */
  readonly primaryRotation?: string;
  /** @default 'Service' */
  readonly id?: string;
  /** @default 'tiny' */
  readonly modelName?: string;
}

/** Declares a service that loads in no time. The working directory is its project's folder. */
export function declareTinyService(scope: Construct, options: TinyServiceOptions): BrainwaveWebservice {
  const { port, operation = 'Identity', primaryRotation = '1', id = 'Service', modelName = 'tiny' } = options;
  const file = path.resolve(`${operation}.onnx`);
  writeFileSync(file, onnxModel({ op: operation }));
  const model = new RegisteredModel(scope, `${id}-Model`, {
    workspace: new LocalWorkspace(scope, `${id}-Workspace`),
    name: modelName,
    serviceDefinition: new ServiceDefinition({
      stages: [Stage.onnx({ name: 'tiny', path: file, inputTensor: 'x', outputTensor: 'y' })],
    }),
  });
  return new BrainwaveWebservice(scope, id, {
    model,
    ssl: SslSettings.selfSigned({ hostname: 'scoring.localhost' }),
    compute: new LocalCompute({ port }),
    keys: ApiKeys.generated({ primaryRotation }),
  });
}
