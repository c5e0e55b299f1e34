import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

import { loadEngine } from '../../dist/lib/server/pipeline/engine/load-engine';
import { ImageDecoder } from '../../dist/lib/server/pipeline/image/image-decoder';
import { planPipeline } from '../../dist/lib/server/pipeline/plan';
import { disableEngineTelemetry } from '../../dist/lib/server/pipeline/worker/engine-telemetry';
import { callWithClient } from '../client-load';
import { median } from '../interleave';
import type { RequestPart } from '../request-time';
import { sampleServiceDefinition } from '../sample-service';

/*
 * Peer of scoring through the service: the same decoder and engines, called on the main thread of one process with a number
 * of images in flight. It reports that it is ready, and then the result of each order.
 */

/** What the measuring process asks for: a result of load, or with `parts` the durations of the stages. */
export interface Order {
  readonly parts?: true;
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
  /** Median durations of the stages, one image at a time. */
  const parts = async (): Promise<RequestPart[]> => {
    const names = [
      'decode and resize',
      ...step.stages.map(({ engine, path: file }) => `${engine} stage: ${path.posix.basename(file)}`),
    ];
    const times: number[][] = names.map(() => []);
    for (let run = 0; run < 50; run += 1) {
      let startedAt = performance.now();
      const lap = (index: number) => {
        const now = performance.now();
        times[index].push(now - startedAt);
        startedAt = now;
      };
      let tensor = await decoder.decode([image]);
      lap(0);
      for (const [index, engine] of engines.entries()) {
        const { shape, data } = await engine.run(tensor);
        tensor = { shape: [...shape], data: Float32Array.from(data) };
        lap(index + 1);
      }
    }
    return names.map((name, index) => ({ name, ms: median(times[index]) }));
  };
  await score();
  // The measuring process has ended.
  process.once('disconnect', () => process.exit());
  process.on('message', (order: Order) => {
    const work = order.parts ? parts() : callWithClient({ predictImage: score }, image, order);
    void work.then((result) => process.send?.(result));
  });
  process.send?.('ready');
}

void main();
