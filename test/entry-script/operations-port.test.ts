import { OperationsPort } from '../../lib/entry-script/operations-port';
import { ServerMetrics } from '../../lib/telemetry/server-metrics';
import { afterwards } from '../support/cleanup';

it('an endpoint has metrics and probes on the loopback, without a key', async () => {
  const metrics = new ServerMetrics(new Set(['/score']), {
    callsInFlight: () => 0,
    callsInFlightLimit: () => undefined,
    queueLength: () => undefined,
    certificateExpiry: () => undefined,
  });
  metrics.showModel({ name: 'digits', version: '1', revision: 'r' });
  const state: { problem?: string } = {};
  const operations = await OperationsPort.listen('127.0.0.1', 0, metrics, () => state.problem);
  afterwards(() => operations.close());
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${operations.port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  expect(await get('/livez')).toEqual({ status: 200, text: 'ok\n' });
  expect(await get('/readyz')).toEqual({ status: 200, text: 'ok\n' });
  const { text } = await get('/metrics');
  expect(text).toContain('brainwave_model_info{model="digits",version="1",revision="r"} 1');
  // An endpoint has no limit and no queue: no sample, instead of a number that means nothing.
  expect(text).not.toMatch(/^brainwave_(calls_in_flight_limit|queue_length) /m);
  state.problem = 'the server is stopping';
  expect(await get('/readyz')).toEqual({ status: 503, text: 'the server is stopping\n' });
  expect(await get('/livez')).toMatchObject({ status: 200 });
});
