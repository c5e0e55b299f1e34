import { sampleImage, sampleServiceDefinition } from '../support/sample-service-definition';
import { answerOf, GrpcClient, imageRequest } from './support/grpc-client';
import { startServer } from './support/test-server';

it('answers 1,000 calls at once with OK or RESOURCE_EXHAUSTED where it takes 32, and then serves the next', async () => {
  const server = await startServer({ zip: sampleServiceDefinition()._toZip(), limits: { workers: 2 } });
  const client = new GrpcClient(server.address);
  try {
    const request = imageRequest(sampleImage('rocket.jpg'));
    const outcomes = await Promise.all(Array.from({ length: 1000 }, () => client.predict(request)));
    const counts = new Map<string, number>();
    for (const { status } of outcomes) {
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['OK', 'RESOURCE_EXHAUSTED']);
    expect(counts.get('OK')).toBeGreaterThanOrEqual(32);
    expect(new Set(outcomes.filter(({ status }) => status !== 'OK').map(({ details }) => details))).toEqual(
      new Set(['the limit of 32 calls in flight is reached; retry with a backoff']),
    );
    expect(answerOf(await client.predict(request))).toHaveLength(1000);
  } finally {
    client.close();
    await server.stop();
  }
});
