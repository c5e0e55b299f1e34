/** Whether shapes agree wherever both say a size; -1 is a size that is not said. */
export function shapesFit(expected: readonly number[], actual: readonly number[]): boolean {
  return (
    expected.length === actual.length &&
    expected.every((size, index) => size < 0 || (actual[index] ?? -1) < 0 || size === actual[index])
  );
}

/** How to mend a model that takes another shape than it is given. */
export function misfitRemedy(taken: readonly number[], given: readonly number[]): string {
  const isPlanar =
    taken.length === 4 && shapesFit([taken[2] ?? -1, taken[3] ?? -1, taken[1] ?? -1], given.slice(1));
  return isPlanar
    ? 'export the model with channels last (NHWC)'
    : 'make the stage before it give what this one takes';
}
