import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { freePort } from '../../support/free-port';
import { until } from '../../support/until';

/** An OpenTelemetry collector that passes on the traces it receives. */
export class CollectorProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it receives OTLP over HTTP. */
    readonly endpoint: string,
  ) {}

  /** @param next where it sends what it has received, over OTLP as well */
  static async start(program: string, folder: string, next: string): Promise<CollectorProcess> {
    const address = `127.0.0.1:${await freePort()}`;
    const file = path.join(folder, 'collector.json');
    await writeFile(
      file,
      JSON.stringify({
        receivers: { otlp: { protocols: { http: { endpoint: address } } } },
        exporters: { otlphttp: { endpoint: next, compression: 'none', sending_queue: { enabled: false } } },
        service: {
          telemetry: { metrics: { level: 'none' } },
          pipelines: { traces: { receivers: ['otlp'], exporters: ['otlphttp'] } },
        },
      }),
    );
    const child = spawn(program, [`--config=file:${file}`], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await until(() => {
      if (child.exitCode !== null) {
        throw new Error(`the collector did not start: ${log}`);
      }
      return log.includes('Everything is ready');
    }, 60_000);
    return new CollectorProcess(child, `http://${address}`);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill();
    await ended;
  }
}
