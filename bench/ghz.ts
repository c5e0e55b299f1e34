import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { z } from 'zod';

import { writeFile } from 'node:fs/promises';
import { goProgram } from './peers/go';
import { predictRequest } from './predict-request';
import type { Secured } from './secured';

const run = promisify(execFile);

const ghzReport = z.object({
  rps: z.number(),
  statusCodeDistribution: z.record(z.string(), z.number()),
  latencyDistribution: z.array(z.object({ percentage: z.number(), latency: z.number() })),
});

/** Load that ghz generates. */
export interface Load {
  readonly imageBytes: number;
  readonly inFlight: number;
  readonly connections: number;
  readonly seconds: number;
}

/** Result of ghz. */
export interface LoadResult {
  readonly callsPerSecond: number;
  readonly medianMs: number;
}

/** ghz, with the paths of its files. */
export class Ghz {
  static async prepare(pki: Secured, folder: string): Promise<Ghz> {
    return new Ghz(await goProgram('github.com/bojand/ghz/cmd/ghz@v0.121.0'), pki, folder);
  }

  private constructor(
    private readonly program: string,
    private readonly pki: Secured,
    private readonly folder: string,
  ) {}

  /** Calls `Predict`. Checks the statuses, because ghz exits with 0 even if calls fail. */
  async call(port: number, { imageBytes, inFlight, connections, seconds }: Load): Promise<LoadResult> {
    const { certificateFile, hostname, metadataFile } = this.pki;
    const requestFile = path.join(this.folder, `request-${imageBytes}.bin`);
    await writeFile(requestFile, predictRequest(imageBytes));
    const { stdout } = await run(
      this.program,
      [
        ...['--import-paths', path.resolve(__dirname, '../proto')],
        ...['--proto', 'tensorflow_serving/apis/prediction_service.proto'],
        ...['--call', 'tensorflow.serving.PredictionService.Predict', '--cacert', certificateFile],
        ...['--cname', hostname, '--metadata-file', metadataFile, '--binary-file', requestFile],
        ...['--concurrency', `${inFlight}`, '--connections', `${connections}`],
        ...['--duration', `${seconds}s`, '--duration-stop', 'wait'],
        ...['--format', 'json', `127.0.0.1:${port}`],
      ],
      { maxBuffer: 1 << 30 },
    );
    const report = ghzReport.parse(JSON.parse(stdout));
    if (Object.keys(report.statusCodeDistribution).join() !== 'OK') {
      throw new Error(`calls failed: ${JSON.stringify(report.statusCodeDistribution)}`);
    }
    const median = report.latencyDistribution.find(({ percentage }) => percentage === 50);
    return { callsPerSecond: report.rps, medianMs: (median?.latency ?? 0) / 1e6 };
  }
}
