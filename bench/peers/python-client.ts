import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { preparePython, type PythonEnvironment } from '../../test/interop/python-environment';
import { SetupError } from '../../test/interop/setup-error';
import { MissingPeerError } from '../row';
import type { Secured } from '../secured';

const run = promisify(execFile);

/** grpcio's client, in the virtual environment of the interoperability tests. */
export class PythonClient {
  /** @throws MissingPeerError if Python or grpcio is missing */
  static async prepare(pki: Secured): Promise<PythonClient> {
    try {
      const environment = await preparePython((line) => process.stderr.write(`${line}\n`));
      return new PythonClient(environment, pki);
    } catch (error) {
      throw error instanceof SetupError ? new MissingPeerError(error.message.split('\n')[0]) : error;
    }
  }

  private constructor(
    private readonly environment: PythonEnvironment,
    private readonly pki: Secured,
  ) {}

  /** Warms up for a second, then calls `Predict` from one thread per call in flight. */
  async callsPerSecond(
    port: number,
    load: { imageBytes: number; inFlight: number; seconds: number },
  ): Promise<number> {
    const { certificateFile, hostname, key } = this.pki;
    const { stdout } = await run(
      this.environment.python,
      [
        path.join(__dirname, 'python-client.py'),
        JSON.stringify({ port, certificateFile, hostname, ...load }),
      ],
      { env: { ...process.env, PYTHONPATH: this.environment.stubs, BENCH_KEY: key } },
    );
    return Number(stdout);
  }
}
