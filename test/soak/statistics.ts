/** The value that a share of all values do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/**
 * How much more the last third of samples shows than the first: 0.05 for 5 %. Medians, since a collector of garbage
 * comes when it likes.
 */
export function growth(samples: readonly number[]): number {
  const third = Math.max(1, Math.floor(samples.length / 3));
  return quantile(samples.slice(-third), 0.5) / quantile(samples.slice(0, third), 0.5) - 1;
}
