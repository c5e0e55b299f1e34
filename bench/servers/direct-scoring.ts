import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

import { loadEngine } from '../../dist/lib/server/pipeline/engine/load-engine';
import { ImageDecoder } from '../../dist/lib/server/pipeline/image/image-decoder';
import { planPipeline } from '../../dist/lib/server/pipeline/plan';
import { disableEngineTelemetry } from '../../dist/lib/server/pipeline/worker/engine-telemetry';
import { callWithClient } from '../client-load';
import { sampleServiceDefinition } from '../sample-service';

/*
 * Peer of scoring through the service: the same decoder and engines, called on the main thread of one process with a number
 * of images in flight. It reports that it is ready, and then the result of each order.
 */

/** What the measuring process asks for. */
export interface Order {
  readonly inFlight: number;
  readonly seconds: number;
}

async function main(): Promise<void> {
  disableEngineTelemetry();
  const { definition, files } = sampleServiceDefinition()._content;
  const [step] = planPipeline(definition, false).steps;
  if (step.runsIn !== 'workers' || !step.image) {
    throw new Error('the sample decodes images');
  }
  const decoder = ImageDecoder.load(step.image, 50_000_000);
  const engines = await Promise.all(
    step.stages.map((stage) => loadEngine(stage, files, availableParallelism())),
  );
  const image = readFileSync(path.resolve(__dirname, '../../examples/quickstart/images/chelsea.png'));
  const score = async () => {
    let tensor = await decoder.decode([image]);
    for (const engine of engines) {
      const { shape, data } = await engine.run(tensor);
      tensor = { shape: [...shape], data: Float32Array.from(data) };
    }
    return tensor.data;
  };
  await score();
  // The measuring process has ended.
  process.once('disconnect', () => process.exit());
  process.on('message', (order: Order) => {
    void callWithClient({ predictImage: score }, image, order).then((result) => process.send?.(result));
  });
  process.send?.('ready');
}

void main();
