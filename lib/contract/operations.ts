/** Paths of the health port for operators, over HTTP/1.1 and HTTP/2, next to gRPC health. */
export const METRICS_PATH = '/metrics';
export const LIVENESS_PATH = '/livez';
export const READINESS_PATH = '/readyz';

/** Calls in flight that a scoring server accepts unless set otherwise. */
export const DEFAULT_MAX_IN_FLIGHT = 32;

/** Address of the health port of local services. Metrics need no key, so they are not for other machines, even if the service is. */
export const LOOPBACK = '127.0.0.1';

/** Addresses on which a server listens on all addresses of the machine. */
export const EVERY_ADDRESS: readonly string[] = ['0.0.0.0', '::'];
