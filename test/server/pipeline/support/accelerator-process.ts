import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

import type { AcceleratorOptions } from '../../../../lib/server';
import { ServiceDefinition, Stage } from '../../../../lib/service-definition';
import { temporaryFolder } from '../../../support/temporary-folder';
import { until } from '../../../support/until';

const root = path.resolve(__dirname, '../../../..');
const featurizer = path.join(root, 'examples/quickstart/models/efficientnet-lite0/featurizer.onnx');

/** What an accelerator's process says, a line each. */
export type AcceleratorEvent = Readonly<Record<string, string | number>>;

/** A server process that runs the sample's featurizer as the model `efficientnet-lite0`, version 1. */
export class AcceleratorProcess {
  readonly events: AcceleratorEvent[] = [];
  private child: ReturnType<typeof spawn> | undefined;
  private boundPort = 0;

  private constructor(
    private readonly protocol: AcceleratorOptions['protocol'],
    private readonly command: (port: number) => string[],
    private readonly isUp: (event: AcceleratorEvent) => boolean,
    private readonly cleanUp: () => Promise<void>,
  ) {}

  /** A server of the Open Inference Protocol, with no code of the project's. */
  static async kserve(): Promise<AcceleratorProcess> {
    const entry = path.join(root, 'test/support/kserve-v2-server.cjs');
    const accelerator = new AcceleratorProcess(
      'kserve-v2',
      (port) => [entry, featurizer, String(port)],
      (event) => 'port' in event,
      () => Promise.resolve(),
    );
    await accelerator.start();
    return accelerator;
  }

  /** `cdktf-brainwave serve` with nothing but the featurizer. */
  static async tensorflowServing(): Promise<AcceleratorProcess> {
    const folder = await temporaryFolder();
    const zip = path.join(folder.path, 'featurizer.zip');
    const stage = Stage.onnx({
      name: 'featurizer',
      path: featurizer,
      inputTensor: 'image',
      outputTensor: 'features',
    });
    await writeFile(zip, new ServiceDefinition({ stages: [stage] })._toZip());
    const main = path.join(root, 'dist/lib/cli/main.js');
    const model = ['--model', zip, '--model-name', 'efficientnet-lite0', '--workers', '1'];
    const accelerator = new AcceleratorProcess(
      'tensorflow-serving',
      (port) => [main, 'serve', ...model, '--port', String(port)],
      (event) => event.message === 'model loaded',
      () => folder.remove(),
    );
    await accelerator.start();
    return accelerator;
  }

  get options(): AcceleratorOptions {
    return { protocol: this.protocol, address: `127.0.0.1:${this.boundPort}` };
  }

  /** Starts the process; again on the port that it had. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, this.command(this.boundPort), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    const events: AcceleratorEvent[] = [];
    createInterface(child.stdout).on('line', (line) => {
      const event = JSON.parse(line) as AcceleratorEvent;
      events.push(event);
      this.events.push(event);
      if (typeof event.port === 'number') {
        this.boundPort = event.port;
      }
    });
    await until(() => events.some(this.isUp) || child.exitCode !== null);
    if (child.exitCode !== null) {
      throw new Error(`the accelerator ended with exit code ${child.exitCode}`);
    }
  }

  /** Ends the process as a crash does. */
  async kill(): Promise<void> {
    if (this.child?.exitCode !== null || this.child.signalCode !== null) {
      return;
    }
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  /** Halts the process: its connections stay, and nobody answers. */
  halt(): void {
    this.child?.kill('SIGSTOP');
  }

  /** Undoes `halt`. */
  resume(): void {
    this.child?.kill('SIGCONT');
  }

  async close(): Promise<void> {
    await this.kill();
    await this.cleanUp();
  }
}
