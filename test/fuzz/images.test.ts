import { sendMalformedImages } from './images/run';

it('a server that is sent malformed images, huge ones and polyglots answers or rejects each, and whole ones as before', async () => {
  const { sent, counts, problems } = await sendMalformedImages(400);

  expect(problems).toEqual([]);
  expect(sent).toBeGreaterThanOrEqual(400);
  expect(counts.OK + counts.INVALID_ARGUMENT).toBe(sent);
  // Not all are refused: those that reach the decoders are what matters.
  expect(Math.min(counts.OK, counts.INVALID_ARGUMENT)).toBeGreaterThan(20);
});
