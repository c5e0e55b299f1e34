import http2 from 'node:http2';

import { status } from '@grpc/grpc-js';

import type { PredictRequest } from '../../lib/wire/proto/types/tensorflow/serving/PredictRequest';
import { tensorToProto } from '../../lib/wire/tensor-proto';
import { GrpcClient, imageRequest } from '../server/support/grpc-client';
import { encodePredict, framed, PREDICT_PATH } from '../server/support/raw-client';
import { sampleImage } from '../support/sample-service-definition';

/** What the callers of a load know of the server. */
export interface Target {
  readonly address: string;
  readonly root: string;
  readonly key: string;
}

/** One call of a load, and what must come of it. */
export interface Kind {
  readonly name: string;
  /** How many of a hundred calls are of this kind. */
  readonly share: number;
  /** Statuses that are right for it, besides RESOURCE_EXHAUSTED. */
  readonly right: readonly string[];
  call(): Promise<string>;
}

/** Of a client whose calls are each given up a little later than the one before, up to this. */
const LONGEST_PATIENCE_MS = 60;
const SLOW_WINDOW_BYTES = 256;
const SLOW_READ_MS = 100;

export const DEADLINE_MS = 30_000;

export class MixedLoad {
  readonly kinds: readonly Kind[];
  private readonly clients: readonly GrpcClient[];
  private readonly slow: http2.ClientHttp2Session;
  private turn = 0;

  constructor(
    { address, root, key }: Target,
    private readonly hostname: string,
    /** What the request ids of plain calls begin with, by which the server's log names them. */
    private readonly phase: string,
  ) {
    // Several, as a service has, so that no connection's window or limit is the measure.
    this.clients = Array.from({ length: 8 }, () => new GrpcClient(address, { root, key }));
    this.slow = http2.connect(`https://${address}`, {
      ca: root,
      servername: hostname,
      settings: { initialWindowSize: SLOW_WINDOW_BYTES },
    });
    this.slow.on('error', () => undefined);
    const jpeg = imageRequest(sampleImage('rocket.jpg'));
    const png = imageRequest(sampleImage('chelsea.png'));
    const cut = imageRequest(sampleImage('rocket.jpg').subarray(0, 3000));
    const pixels = new Float32Array(224 * 224 * 3).fill(0.25);
    const array: PredictRequest = {
      inputs: { images: tensorToProto({ shape: [1, 224, 224, 3], data: pixels }) },
    };
    const slowBody = framed(encodePredict(jpeg));
    this.kinds = [
      { name: 'JPEG images', share: 35, right: ['OK'], call: () => this.predict(jpeg, { plain: true }) },
      { name: 'PNG images', share: 15, right: ['OK'], call: () => this.predict(png, { plain: true }) },
      { name: 'arrays', share: 20, right: ['OK'], call: () => this.predict(array, { plain: true }) },
      { name: 'images cut short', share: 10, right: ['INVALID_ARGUMENT'], call: () => this.predict(cut) },
      {
        name: 'cancelled calls',
        share: 15,
        right: ['CANCELLED', 'OK'],
        call: () => this.predict(jpeg, { cancelAfterMs: (this.turn * 7) % LONGEST_PATIENCE_MS }),
      },
      { name: 'slow readers', share: 5, right: ['OK'], call: () => this.readSlowly(slowBody, key) },
    ];
  }

  /** The next call of the mix: always the same ones in the same order. */
  next(): Kind {
    this.turn += 1;
    // 37 and 100 have no common divisor: each share comes spread out over a hundred turns.
    let place = (this.turn * 37) % 100;
    for (const kind of this.kinds) {
      if (place < kind.share) {
        return kind;
      }
      place -= kind.share;
    }
    throw new RangeError('the shares do not add up to 100');
  }

  close(): void {
    for (const client of this.clients) {
      client.close();
    }
    this.slow.destroy();
  }

  private async predict(
    request: PredictRequest,
    { plain, cancelAfterMs }: { plain?: true; cancelAfterMs?: number } = {},
  ): Promise<string> {
    const client = this.clients[this.turn % this.clients.length];
    const outcome = await client.predict(request, {
      deadline: Date.now() + DEADLINE_MS,
      ...(plain && { headers: { 'x-request-id': `${this.phase}-${this.turn}` } }),
      ...(cancelAfterMs !== undefined && {
        onCall: (call) => {
          setTimeout(() => {
            call.cancel();
          }, cancelAfterMs);
        },
      }),
    });
    return outcome.status;
  }

  /** Takes the answer a few hundred bytes at a time. */
  private readSlowly(body: Buffer, key: string): Promise<string> {
    const stream = this.slow.request(
      {
        ':method': 'POST',
        ':path': PREDICT_PATH,
        ':authority': this.hostname,
        'content-type': 'application/grpc',
        te: 'trailers',
        authorization: key,
      },
      { endStream: false },
    );
    let code: string | undefined;
    const note = (headers: http2.IncomingHttpHeaders) => {
      code = (headers['grpc-status'] as string | undefined) ?? code;
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', () => {
      stream.pause();
      setTimeout(() => stream.resume(), SLOW_READ_MS);
    });
    stream.on('error', () => undefined);
    stream.end(body);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        stream.close();
      }, DEADLINE_MS);
      stream.on('close', () => {
        clearTimeout(timer);
        resolve(code === undefined ? `no answer (reset ${stream.rstCode})` : status[Number(code)]);
      });
    });
  }
}
