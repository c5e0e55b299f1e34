type Step = () => unknown;

const steps: Step[] = [];

/** Has something undone when the test ends, also when it fails; what began last is undone first. */
export function afterwards(step: Step): void {
  steps.push(step);
}

afterEach(async () => {
  const failures: unknown[] = [];
  for (const step of steps.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      // The others are undone all the same.
      failures.push(error);
    }
  }
  if (failures.length > 0) {
    throw new AggregateError(failures, 'not everything could be undone');
  }
});
