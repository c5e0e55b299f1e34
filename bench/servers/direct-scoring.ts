import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

import { loadEngine } from '../../dist/lib/server/pipeline/engine/load-engine';
import { ImageDecoder } from '../../dist/lib/server/pipeline/image/image-decoder';
import { planPipeline } from '../../dist/lib/server/pipeline/plan';
import { disableEngineTelemetry } from '../../dist/lib/server/pipeline/worker/engine-telemetry';
import { sampleServiceDefinition } from '../sample-service';

/*
 * Peer of scoring through the service: the same decoder and engines, called on the main thread of one process with a number
 * of images in flight. It reports that it is ready, and then images per second for each order.
 */

interface Order {
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
  };
  await score();
  // The measuring process has ended.
  process.once('disconnect', () => process.exit());
  process.on('message', ({ inFlight, seconds }: Order) => {
    void imagesPerSecond(score, inFlight, seconds).then((rate) => process.send?.(rate));
  });
  process.send?.('ready');
}

async function imagesPerSecond(
  score: () => Promise<void>,
  inFlight: number,
  seconds: number,
): Promise<number> {
  let count = 0;
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  const work = async () => {
    while (performance.now() < endsAt) {
      await score();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return (count * 1000) / (performance.now() - startedAt);
}

void main();
