export type { ApiKeyPair } from './api-keys';
export type { TlsContext } from './grpc-transport';
export { ListenError } from './listen-error';
export { JsonLog, silentLog, type Log, type LogFields } from './log';
export * from './pipeline';
export { ScoringServer } from './scoring-server';
export { ServerOptionsError, ServerStoppedError } from './scoring-server-error';
export type { ModelSource, ScoringServerOptions } from './scoring-server-options';
export type { KeepAliveOptions } from './session-keep-alive';
