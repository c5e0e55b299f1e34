import { LocalBackend } from 'cdktf';
import { LocalCompute } from 'cdktf-brainwave';

import type { Platform } from './platform';

/** The local machine, to try the pipeline's scripts without an Azure account. */
export const local: Platform = (stack) => {
  new LocalBackend(stack, { path: '../../../terraform.scoring.tfstate' });
  return { compute: new LocalCompute({ port: Number(process.env.SCORING_PORT ?? 50_051) }) };
};
