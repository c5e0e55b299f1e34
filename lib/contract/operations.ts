/** Paths of the health port for operators, over HTTP/1.1 and HTTP/2, next to gRPC health. */
export const METRICS_PATH = '/metrics';
export const LIVENESS_PATH = '/livez';
export const READINESS_PATH = '/readyz';
