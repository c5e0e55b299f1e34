/**
 * Suggests correct names for a misspelled name.
 * @returns the end of a sentence, such as `did you mean "tiger cat"?`; `undefined` if no candidate resembles the name
 */
export function didYouMean(
  name: string,
  candidates: readonly string[],
  quote = (candidate: string) => `"${candidate}"`,
): string | undefined {
  const near = similarNames(name, candidates);
  return near.length > 0 ? `did you mean ${near.map(quote).join(' or ')}?` : undefined;
}

const MOST_SUGGESTIONS = 3;
/** Minimum length; shorter names are part of too many others. */
const SHORTEST_PART = 3;

/** Returns candidates that differ from a name in a few letters, in case or punctuation, or by a part; nearest first. */
export function similarNames(name: string, candidates: readonly string[]): string[] {
  const wanted = lettersOf(name);
  return candidates
    .map((candidate) => ({ candidate, distance: distanceBetween(wanted, lettersOf(candidate)) }))
    .filter(({ distance }) => distance < Infinity)
    .sort((left, right) => left.distance - right.distance)
    .slice(0, MOST_SUGGESTIONS)
    .map(({ candidate }) => candidate);
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** Number of edits from one name to the other; infinite if they are not similar. */
function distanceBetween(left: string, right: string): number {
  const [short, long] = left.length < right.length ? [left, right] : [right, left];
  if (short === '') {
    return Infinity;
  }
  if (short.length >= SHORTEST_PART && long.includes(short)) {
    return long.length - short.length;
  }
  const most = Math.max(1, Math.floor(short.length / 3));
  // A cheap lower bound, because there are many labels and most of them differ in length.
  if (long.length - short.length > most) {
    return Infinity;
  }
  const distance = editDistance(short, long);
  return distance <= most ? distance : Infinity;
}

/** Number of insertions, deletions, substitutions and swaps of neighbors (optimal string alignment distance). */
function editDistance(left: string, right: string): number {
  const rows = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const substitution = rows[row - 1][column - 1] + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(rows[row - 1][column] + 1, current[column - 1] + 1, substitution));
      if (left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        current[column] = Math.min(current[column], rows[row - 2][column - 2] + 1);
      }
    }
    rows.push(current);
  }
  return rows[left.length][right.length];
}
