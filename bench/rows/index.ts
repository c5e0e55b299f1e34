import type { Row } from '../row';
import { clientAgainstGrpcJs } from './client-against-grpc-js';
import { clientLatency } from './client-latency';
import { clientThroughput } from './client-throughput';
import { score, smokeTest } from './command-start';
import { imageSize, imageStart } from './container-image';
import { encode } from './encode';
import { farCall } from './far-call';
import { load } from './load';
import { directLatency, scoring } from './scoring';
import { SCORING_PEERS } from './scoring-peers';
import { serverStart } from './server-start';
import { serverAgainstGo, serverAgainstGrpcJs, serverAgainstHttp2 } from './server-throughput';
import { telemetry } from './telemetry';
import { synthMemory, synthProcessor, synthTime } from './synth';

/** All rows, in the order of the table. */
export const ROWS: readonly Row[] = [
  scoring,
  directLatency,
  ...SCORING_PEERS,
  clientLatency,
  clientThroughput,
  clientAgainstGrpcJs,
  encode,
  serverAgainstGo,
  serverAgainstGrpcJs,
  serverAgainstHttp2,
  farCall,
  telemetry,
  serverStart,
  imageSize,
  imageStart,
  smokeTest,
  score,
  synthTime,
  synthProcessor,
  synthMemory,
  load,
];
