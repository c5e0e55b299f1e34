import { http } from './support/http-client';
import { serverForTest } from './support/test-server';

// Azure ML knows one port of a custom container: for its probes and for the requests, whose keys it has checked.
describe('a server in a custom container, on one port without TLS and keys', () => {
  it('answers probes and scores over REST', async () => {
    const { port } = await serverForTest();
    const body = { instances: [[1, 2, 3]] };
    const headers = { authorization: 'Bearer a-key-that-the-gateway-has-checked' };
    const responses = await Promise.all([
      http(port, '/livez'),
      http(port, '/readyz'),
      http(port, '/v2/health/ready'),
      http(port, '/v1/models/tiny'),
      http(port, '/v1/models/tiny:predict', { body, headers }),
    ]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(responses[4].json).toEqual({ predictions: [[1, 2, 3]] });
  });
});
