import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { runTool } from '../../package/support/run-tool';
import { PAUSE_IMAGE } from '../cluster/configurations';
import type { ClusterPrograms } from '../cluster/programs';
import type { OciImage } from './oci-archive';

/** The image of the container that keeps the namespaces of a pod, with nothing but the `pause` program. */
export async function pauseImage({ pause }: ClusterPrograms, folder: string): Promise<OciImage> {
  const file = path.join(folder, 'pause.tar');
  await runTool('tar', ['-cf', file, '--owner=0', '--group=0', '-C', path.dirname(pause), 'pause'], {
    cwd: '/',
  });
  return {
    name: PAUSE_IMAGE,
    layers: [await readFile(file)],
    configuration: { Entrypoint: ['/pause'], User: '65535:65535' },
  };
}
