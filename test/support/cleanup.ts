type Step = () => unknown;

const steps: Step[] = [];

/** Has something undone when the test ends, also when it fails; what began last is undone first. */
export function afterwards(step: Step): void {
  steps.push(step);
}

afterEach(async () => {
  for (const step of steps.splice(0).reverse()) {
    await step();
  }
});
