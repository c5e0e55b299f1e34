import { METRICS_PATH, LIVENESS_PATH, READINESS_PATH } from '../../contract/operations';
import type { ServerMetrics } from '../../telemetry/server-metrics';

/** State of a server as its operators see it. */
export interface OperatedServer {
  readonly metrics: ServerMetrics;
  /** Reason why only a restart helps; undefined if the server is alive. */
  readonly failure: string | undefined;
  /** Reason why calls are not served now; undefined if they are. The condition is that of gRPC health. */
  readonly unreadiness: string | undefined;
}

/** Answer to a scraper or a probe. */
export interface OperationsAnswer {
  readonly status: 200 | 503;
  readonly contentType: string;
  readonly body: string;
}

/** Answers the request of a path, or is undefined if there is nothing at the path. */
export type Operation = (accept: string | undefined) => Promise<OperationsAnswer>;

/**
 * Returns what answers a path for operators: metrics for Prometheus, and the probes of Kubernetes.
 * @see https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export function operationOf(path: string, server: OperatedServer): Operation | undefined {
  switch (path) {
    case METRICS_PATH:
      return async (accept) => ({ status: 200, ...(await server.metrics.expose(accept)) });
    case LIVENESS_PATH:
      return () => Promise.resolve(probeAnswer(server.failure));
    case READINESS_PATH:
      return () => Promise.resolve(probeAnswer(server.failure ?? server.unreadiness));
    default:
      return undefined;
  }
}

function probeAnswer(problem: string | undefined): OperationsAnswer {
  return {
    status: problem === undefined ? 200 : 503,
    contentType: 'text/plain; charset=utf-8',
    body: `${problem ?? 'ok'}\n`,
  };
}
