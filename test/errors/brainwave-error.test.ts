import { inspect } from 'node:util';

import { InvalidInputError, NotReadyInTimeError, PredictionClient } from '../../lib/client';
import { closedPort } from '../client/peers';

describe('an error', () => {
  it('states the finding and the remedy, and provides both separately for programs', () => {
    const cause = new Error('cause');
    const error = new InvalidInputError('got 3 labels for 4 classes', {
      remedy: 'give one label a class',
      cause,
    });
    expect(error.message).toBe('got 3 labels for 4 classes; give one label a class');
    expect(error.finding).toBe('got 3 labels for 4 classes');
    expect(error.remedy).toBe('give one label a class');
    expect(error.cause).toBe(cause);
    expect(error.name).toBe('InvalidInputError');
  });

  it('has no remedy if the finding is sufficient', () => {
    const error = new InvalidInputError('got top 0, expected a whole number from 1');
    expect(error.message).toBe('got top 0, expected a whole number from 1');
    expect(error.finding).toBe(error.message);
    expect(error.remedy).toBeUndefined();
  });

  it('that nothing catches is printed once, with its code', () => {
    const printed = inspect(new InvalidInputError('got 3 labels for 4 classes'));
    expect(printed.match(/got 3 labels for 4 classes/g)).toHaveLength(1);
    expect(printed).toContain("code: 'INVALID_INPUT'");
    expect(printed).not.toMatch(/finding|remedy/);
  });

  it('of a wait that ended has the remedy of the reason for which it waited', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    const client = new PredictionClient({ address, plaintext: true });
    const error: unknown = await client.waitUntilReady({ timeoutMs: 300 }).catch((reason: unknown) => reason);
    client.close();
    expect(error).toBeInstanceOf(NotReadyInTimeError);
    expect(error).toMatchObject({
      finding: expect.stringMatching(
        new RegExp(`^not ready after [\\d.]+ s: connection refused: nothing is listening on ${address}$`),
      ) as string,
      remedy: 'start the service, or check the port',
    });
  });
});
