import type { Row } from '../row';
import { clientLatency } from './client-latency';
import { clientThroughput } from './client-throughput';
import { encode } from './encode';
import { farCall } from './far-call';
import { load } from './load';
import { scoring } from './scoring';
import { serverAgainstGo, serverAgainstGrpcJs, serverAgainstHttp2 } from './server-throughput';
import { smokeTest } from './smoke-test';
import { synthMemory, synthProcessor, synthTime } from './synth';

/** All rows, in the order of the table. */
export const ROWS: readonly Row[] = [
  clientLatency,
  clientThroughput,
  encode,
  serverAgainstGo,
  serverAgainstGrpcJs,
  serverAgainstHttp2,
  farCall,
  scoring,
  smokeTest,
  synthTime,
  synthProcessor,
  synthMemory,
  load,
];
