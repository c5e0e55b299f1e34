/**
 * The scoring server, and the pipeline that it scores with.
 *
 * @module cdktf-brainwave/server
 */

export type { ApiKeyPair } from './api-keys';
export type { FailedAttemptsOptions } from './failed-attempts';
export type { KeepAliveOptions, PeerTimeouts, TlsContext } from './transport/grpc-transport';
export { ListenError } from './listen-error';
export { JsonLog, silentLog, type Log, type LogFields } from './log';
export * from './pipeline';
export { ScoringServer } from './scoring-server';
export { ServerOptionsError, ServerStoppedError } from './scoring-server-error';
export type { ModelSource, ScoringServerOptions } from './scoring-server-options';
