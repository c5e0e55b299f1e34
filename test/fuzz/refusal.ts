type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * Does some work that may refuse its input.
 * @param refusals the errors by which it says so; any other is a fault, and is thrown on
 * @returns `undefined` where it was refused
 */
export async function refusesWith<T>(
  refusals: readonly ErrorClass[],
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) {
      return undefined;
    }
    throw error;
  }
}
