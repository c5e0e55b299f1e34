import http from 'node:http';

import { MetricsFeed } from '../../lib/playground/metrics-feed';
import { PlaygroundServer } from '../../lib/playground/playground-server';
import type { PredictionAnswer, PredictionResult, StatusAnswer } from '../../lib/playground/protocol';
import { ServiceConnection, type ServiceSettings } from '../../lib/playground/service-connection';
import { afterwards } from '../support/cleanup';

/** A playground that a test started, and what it answers. */
export interface TestPlayground {
  readonly url: string;
  readonly port: number;
  /** All that it has sent so far, headers included. */
  readonly sent: () => string;
  request(path: string, options?: RequestOptions): Promise<{ status: number; body: string }>;
  status(): Promise<StatusAnswer>;
  image(bytes: Uint8Array): Promise<PredictionAnswer>;
  array(json: string): Promise<PredictionAnswer>;
}

interface RequestOptions {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: Uint8Array | string;
}

/** Starts a playground that ends with the test. */
export async function startPlayground(
  settings: ServiceSettings | (() => Promise<ServiceSettings>),
): Promise<TestPlayground> {
  const service = await ServiceConnection.open(
    typeof settings === 'function' ? settings : () => Promise.resolve(settings),
  );
  const defects: unknown[] = [];
  const server = await PlaygroundServer.start({
    service,
    metrics: new MetricsFeed(() => Promise.resolve(undefined)),
    onDefect: (error) => defects.push(error),
  });
  afterwards(async () => {
    await server.close();
    service.close();
    expect(defects).toEqual([]);
  });
  const { port, pathname } = new URL(server.url);
  let sent = '';
  const request: TestPlayground['request'] = (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const target = {
        host: '127.0.0.1',
        port,
        method,
        headers,
        path: path.startsWith('/') ? path : pathname + path,
      };
      const outgoing = http.request({ ...target, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          sent += `${response.rawHeaders.join('\n')}\n${text}\n`;
          resolve({ status: response.statusCode ?? 0, body: text });
        });
      });
      outgoing.on('error', reject).end(body);
    });
  const json = async (path: string, options?: RequestOptions) =>
    JSON.parse((await request(path, options)).body) as unknown;
  return {
    url: server.url,
    port: Number(port),
    sent: () => sent,
    request,
    status: () => json('api/status') as Promise<StatusAnswer>,
    image: (body) => json('api/image', { method: 'POST', body }) as Promise<PredictionAnswer>,
    array: (body) => json('api/array', { method: 'POST', body }) as Promise<PredictionAnswer>,
  };
}

/** The message of a failed prediction. */
export function messageOf(answer: PredictionAnswer): string {
  return 'problem' in answer ? answer.problem.message : 'no problem';
}

/** The result of a prediction that must not have failed. */
export function resultOf(answer: PredictionAnswer): PredictionResult {
  if ('problem' in answer) {
    throw new Error(answer.problem.message);
  }
  return answer;
}
