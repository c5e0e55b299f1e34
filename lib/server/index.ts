/**
 * The scoring server and its pipeline.
 *
 * @module cdktf-brainwave/server
 */

export type { FailedAttemptsOptions } from '../serving/failed-attempts';
export type { ApiKeyPair } from '../serving/key-check';
export { JsonLog, silentLog, type Log, type LogFields } from '../serving/log';
export { ListenError, ServerOptionsError, ServerStoppedError } from '../serving/serving-errors';
export type { TlsContext } from '../serving/tls-policy';
export type { KeepAliveOptions, PeerTimeouts } from './transport/server-transport';
export * from './pipeline';
export { ScoringServer } from './scoring-server';
export type { ModelSource, ScoringServerOptions } from './scoring-server-options';
