import { interrupt, MOMENTS } from '../e2e/interruption';

const SIGNALS = ['SIGINT', 'SIGKILL'] as const;
const each = MOMENTS.flatMap((moment) => SIGNALS.map((signal) => ({ ...moment, moment, signal })));

it.each(each)(
  'after $signal to Terraform during $during ($name), the next apply reaches the same state, and the next destroy leaves nothing',
  async ({ moment, signal }) => {
    const { expectedVersion, ...found } = await interrupt(moment, signal);

    expect(found).toEqual({
      hasChanges: false,
      ready: true,
      modelVersion: expectedVersion,
      processes: 1,
      left: [],
    });
  },
);

it.each(each.filter(({ during }) => during !== 'destroy'))(
  'after $signal to Terraform during $during ($name), a destroy leaves nothing',
  async ({ moment, signal }) => {
    const { destroyFailure, left } = await interrupt(moment, signal, { thenDestroy: true });

    expect(destroyFailure).toBeUndefined();
    expect(left).toEqual([]);
  },
);

it.each(MOMENTS.filter(({ during }) => during !== 'create'))(
  'after SIGKILL to Terraform during $during ($name) as it wrote its state, the next apply reaches the same state, and the next destroy leaves nothing',
  async (moment) => {
    const { expectedVersion, ...found } = await interrupt(moment, 'SIGKILL', { emptyState: true });

    expect(found).toEqual({
      hasChanges: false,
      ready: true,
      modelVersion: expectedVersion,
      processes: 1,
      left: [],
    });
  },
);
