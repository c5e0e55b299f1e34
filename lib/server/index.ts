export type { ApiKeyPair } from './api-keys';
export type { TlsContext } from './grpc-transport';
export { ListenError } from './listen-error';
export { JsonLog, silentLog, type Log, type LogFields } from './log';
export * from './pipeline';
export { ScoringServer, type ModelSource, type ScoringServerOptions } from './scoring-server';
