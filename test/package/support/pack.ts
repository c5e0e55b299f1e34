import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { z } from 'zod';

import { writeAssembly } from '../../../scripts/jsii/assembly';
import { handOver } from './packed-library';
import { runTool } from './run-tool';

const packed = z.tuple([
  z.object({
    filename: z.string(),
    size: z.number(),
    unpackedSize: z.number(),
    files: z.array(z.object({ path: z.string() })),
  }),
]);

/**
 * Packs the library as it is built, with its assembly, once for all tests: in `PACK_DESTINATION` for a release, which publishes what
 * was tested.
 */
export default async function pack(): Promise<void> {
  const root = path.resolve(__dirname, '../../..');
  const folder =
    process.env.PACK_DESTINATION ?? (await mkdtemp(path.join(tmpdir(), 'cdktf-brainwave-package-')));
  await writeAssembly(() => undefined);
  const { stdout } = await runTool('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  const [{ filename, size, unpackedSize, files }] = packed.parse(JSON.parse(stdout));
  handOver({
    tarball: path.join(folder, filename),
    size,
    unpackedSize,
    files: files.map((file) => file.path),
  });
}
