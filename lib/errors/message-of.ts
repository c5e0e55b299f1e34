/** What something that was thrown says: a message, also where it is no error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
