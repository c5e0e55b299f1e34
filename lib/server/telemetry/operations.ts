import { GrpcStatus as status } from '../../errors/grpc-status';

import { METRICS_PATH, LIVENESS_PATH, READINESS_PATH } from '../../contract/operations';
import type { ServerMetrics } from '../../telemetry/server-metrics';
import type { HttpAnswer, HttpRequest, HttpRouter } from '../transport/http-call';
import { HttpError } from '../transport/http-error';
import { allowHeader } from '../transport/path-router';

/** State of a server as its operators see it. */
export interface OperatedServer {
  readonly metrics: ServerMetrics;
  /** Returns the reason why only a restart helps; undefined if the server is alive. */
  failure(): string | undefined;
  /** Returns the reason why calls are not served now; undefined if they are. The condition is that of gRPC health. */
  unreadiness(): string | undefined;
}

type Operation = (request: HttpRequest, server: OperatedServer) => Promise<HttpAnswer> | HttpAnswer;

/** @see https://kubernetes.io/docs/reference/using-api/health-checks/ */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  [
    METRICS_PATH,
    async ({ headers }, { metrics }) => {
      const { contentType, body } = await metrics.expose(headers.accept);
      return { headers: { 'content-type': contentType }, body: Buffer.from(body) };
    },
  ],
  [LIVENESS_PATH, (_request, server) => probeAnswer(server.failure())],
  [READINESS_PATH, (_request, server) => probeAnswer(server.failure() ?? server.unreadiness())],
]);

/** Returns whether a path is one of those for operators. */
export function isOperation(path: string): boolean {
  return OPERATIONS.has(path);
}

/**
 * Serves what operators need, without a key: metrics for Prometheus, and the probes of Kubernetes.
 * @param method path of the method that the requests count as
 */
export function operationsRouter(server: OperatedServer, method: string): HttpRouter {
  return (verb, path) => {
    const operation = OPERATIONS.get(path);
    if (!operation) {
      throw new HttpError(
        404,
        status.UNIMPLEMENTED,
        `the path is unknown; this port serves ${[...OPERATIONS.keys()].join(', ')}`,
      );
    }
    if (verb !== 'GET') {
      throw new HttpError(405, status.UNIMPLEMENTED, `${verb} is not allowed here; expected GET`, {
        allow: allowHeader(['GET']),
      });
    }
    return { method, handle: (request) => operation(request, server) };
  };
}

function probeAnswer(problem: string | undefined): HttpAnswer {
  return {
    status: problem === undefined ? 200 : 503,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: Buffer.from(`${problem ?? 'ok'}\n`),
  };
}
