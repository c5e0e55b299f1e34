import { setTimeout as delay } from 'node:timers/promises';

import sharp from 'sharp';

import { PredictionClient, type PredictionClientOptions } from '../../../lib/client';
import { BrainwaveError } from '../../../lib/errors/brainwave-error';

/** Time between the calls of a caller: the node's cores are for the pods. */
const PAUSE_MS = 50;

/** What happened to the calls. */
export interface Calls {
  readonly made: number;
  /** Calls that failed although the client repeated them where that is safe. */
  readonly lost: number;
  /** Calls whose answer was not red. */
  readonly wrong: number;
  /** Distinct errors of lost calls, each with its code. */
  readonly errors: readonly string[];
}

/** Callers that score a red image in a loop, each with a connection of its own. */
export class Callers {
  static async start(options: PredictionClientOptions, count: number): Promise<Callers> {
    return new Callers(options, count, await redImage());
  }

  private stopped = false;
  private made = 0;
  private lost = 0;
  private wrong = 0;
  private readonly errors = new Set<string>();
  private readonly ended: Promise<unknown>;

  private constructor(options: PredictionClientOptions, count: number, image: Buffer) {
    this.ended = Promise.all(
      Array.from({ length: count }, async () => {
        const client = new PredictionClient(options);
        while (!this.stopped) {
          await this.call(client, image);
          await delay(PAUSE_MS);
        }
        client.close();
      }),
    );
  }

  /** The calls so far. */
  get calls(): Calls {
    const { made, lost, wrong, errors } = this;
    return { made, lost, wrong, errors: [...errors] };
  }

  /** Ends the calls. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.ended;
  }

  private async call(client: PredictionClient, image: Buffer): Promise<void> {
    this.made += 1;
    try {
      const [red] = await client.predictImage(image);
      if (red < 0.5) {
        this.wrong += 1;
      }
    } catch (error) {
      this.lost += 1;
      this.errors.add(error instanceof BrainwaveError ? `${error.code}: ${error.message}` : String(error));
    }
  }
}

let image: Promise<Buffer> | undefined;

/** A red PNG. */
export function redImage(): Promise<Buffer> {
  return (image ??= sharp({ create: { width: 8, height: 8, channels: 3, background: '#ff0000' } })
    .png()
    .toBuffer());
}
