import { once } from 'node:events';
import { Agent, request } from 'node:https';

import type { Json, JsonObject } from '../../azure/simulator/json';
import { isObject } from '../../azure/simulator/json';

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
  private readonly agent: Agent;

  constructor(private readonly connection: KubernetesConnection) {
    const { root, certificate, privateKey } = connection;
    this.agent = new Agent({ keepAlive: true, ca: root, cert: certificate, key: privateKey });
  }

  async call(method: string, path: string, body?: JsonObject): Promise<KubernetesAnswer> {
    const call = request({
      host: '127.0.0.1',
      port: this.connection.port,
      path,
      method,
      agent: this.agent,
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

  close(): void {
    this.agent.destroy();
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
