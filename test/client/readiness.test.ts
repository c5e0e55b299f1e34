import { DeadlineExceededError, UnavailableError } from '../../lib/client';
import { waitForReadiness, type LookOptions } from '../../lib/client/readiness';

describe('a wait for readiness', () => {
  it('limits a check that scores to the whole wait, and a cheaper check to less', async () => {
    const looks: LookOptions[] = [];
    await waitForReadiness(
      (look) => {
        looks.push(look);
        return Promise.resolve();
      },
      { timeoutMs: 60_000 },
    );
    expect(looks).toHaveLength(1);
    expect(looks[0].deadlineMs).toBe(3_000);
    expect(looks[0].leftMs).toBeGreaterThan(3_000);
    expect(looks[0].leftMs).toBeLessThanOrEqual(60_000);
  });

  it('reports the last reason found in time, not that the time ran out', async () => {
    const loading = new UnavailableError('the model is loading');
    const cut = new DeadlineExceededError('got no answer within 100 ms');
    let looks = 0;
    const waiting = waitForReadiness(
      () => {
        looks += 1;
        return Promise.reject(looks === 1 ? loading : cut);
      },
      { timeoutMs: 500, intervalMs: 100 },
    );

    await expect(waiting).rejects.toMatchObject({ code: 'NOT_READY_IN_TIME', cause: loading });
    expect(looks).toBeGreaterThan(1);
  });

  it('reports a timeout if there was no other reason', async () => {
    const silent = new DeadlineExceededError('got no answer within 100 ms');

    await expect(
      waitForReadiness(() => Promise.reject(silent), { timeoutMs: 300, intervalMs: 100 }),
    ).rejects.toMatchObject({ code: 'NOT_READY_IN_TIME', cause: silent });
  });
});
