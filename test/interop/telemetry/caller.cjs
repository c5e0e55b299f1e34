/*
 * A program that exports traces and scores once: `node caller.cjs <address> [image]`. Without an image, it scores a row of three
 * numbers. It is a process of its own because the exporter does not run in Jest.
 */
const { readFileSync } = require('node:fs');

const { PredictionClient } = require('../../../dist/lib/client');
const { startTracing } = require('../../../dist/lib/telemetry/tracing');

async function main([address, image]) {
  const tracing = startTracing();
  const client = new PredictionClient({ address, plaintext: true });
  await (image === undefined
    ? client.predict({ shape: [1, 3], data: Float32Array.of(1, 2, 3) })
    : client.predictImage(readFileSync(image)));
  client.close();
  await tracing.stop();
}

void main(process.argv.slice(2));
