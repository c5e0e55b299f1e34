import { LocalBackend } from 'cdktf';
import { LocalCompute } from 'cdktf-brainwave';

import type { Platform } from './platform';

/** This machine: for trying the pipeline's scripts out, without an account. */
export const local: Platform = (stack) => {
  new LocalBackend(stack, { path: '../../../terraform.scoring.tfstate' });
  return { compute: new LocalCompute({ port: Number(process.env.SCORING_PORT ?? 50_051) }) };
};
