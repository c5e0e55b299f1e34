import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ownPackage = path.resolve(__dirname, '../package.json');

/** Returns the machine and the versions of the measurement, one per line. */
export async function describeMachine(): Promise<string[]> {
  const [cpu] = cpus();
  const go = await run('go', ['env', 'GOVERSION']).then(
    ({ stdout }) => stdout.trim(),
    () => 'no Go',
  );
  return [
    `${cpus().length} x ${cpu.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${process.platform} ${process.arch}`,
    `load when it began: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')} (1, 5 and 15 minutes)`,
    `cdktf-brainwave ${versionOf(ownPackage)}, Node ${process.version}, @grpc/grpc-js ${versionOf(require.resolve('@grpc/grpc-js/package.json'))}`,
    `${go}, ghz v0.121.0, grpc-go v1.77.0; Python's grpcio as test/interop/python/requirements.txt says`,
  ];
}

function versionOf(packageFile: string): string {
  return (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version;
}
