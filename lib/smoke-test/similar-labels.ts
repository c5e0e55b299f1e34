/**
 * Asks whether other labels were meant, in place of one that a model does not have.
 * @returns the end of a sentence; empty where no label resembles it
 */
export function suggestLabels(label: string, labels: readonly string[]): string {
  const near = labels.filter((candidate) => resembles(candidate, label)).slice(0, 3);
  return near.length > 0 ? `; did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : '';
}

/** Whether a name was probably meant: it differs in case, spaces or signs, or is a part of the other. */
function resembles(candidate: string, label: string): boolean {
  const [left, right] = [candidate, label].map((text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''));
  return left !== '' && right !== '' && (left.includes(right) || right.includes(left));
}
