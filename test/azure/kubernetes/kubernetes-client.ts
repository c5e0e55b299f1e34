import { once } from 'node:events';
import { request } from 'node:https';

import type { Json, JsonObject } from '../simulator/json';
import { isObject } from '../simulator/json';

/** How to reach an API server. */
export interface KubernetesConnection {
  readonly port: number;
  /** PEM. */
  readonly root: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
}

/** An API server's answer. */
export interface KubernetesAnswer {
  readonly status: number;
  readonly body: JsonObject;
}

/** Calls an API server as its administrator. */
export class KubernetesClient {
  constructor(private readonly connection: KubernetesConnection) {}

  async call(method: string, path: string, body?: JsonObject): Promise<KubernetesAnswer> {
    const { port, root, certificate, privateKey } = this.connection;
    const call = request({
      host: '127.0.0.1',
      port,
      path,
      method,
      ca: root,
      cert: certificate,
      key: privateKey,
      agent: false,
      headers: {
        'Content-Type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
    });
    call.end(body && JSON.stringify(body));
    const [response] = (await once(call, 'response')) as [AsyncIterable<Buffer> & { statusCode?: number }];
    const chunks: Buffer[] = [];
    for await (const chunk of response) {
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    return { status: response.statusCode ?? 0, body: parse(text) };
  }
}

function parse(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : {};
  } catch {
    // Health is told as plain text.
    return {};
  }
}
