/** The message that a declaration is refused with. */
export function refusal(declare: () => unknown): string {
  try {
    declare();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}
