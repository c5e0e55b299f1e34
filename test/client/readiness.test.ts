import { waitForReadiness, type LookOptions } from '../../lib/client/readiness';

describe('a wait for readiness', () => {
  it('leaves a look that scores as long as the whole wait lasts, and one that asks for less', async () => {
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
});
