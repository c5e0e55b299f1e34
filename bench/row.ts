/** Target of a ratio. */
export interface Target {
  readonly kind: 'at most' | 'at least' | 'more at most' | 'below';
  /**
   * Ratio of ours to the peer's; with `more at most` a difference, and with `below` a figure of ours, both in the row's unit.
   */
  readonly value: number;
}

/** Result of a row: medians, and the median of the ratios of consecutive runs. */
export interface Figures {
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
  /** Note for the reader of these figures. */
  readonly note?: string;
}

/** One row of the table: our figure compared with a peer's. */
export interface Row {
  /** Name for `--row`. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly target: Target;
  /** Whether `--quick` measures the row, for which nothing must be installed. */
  readonly quick?: true;
  /** @throws MissingPeerError if the peer is missing on this machine */
  measure(run: BenchRun): Promise<Figures>;
}

/** Options of a measurement. */
export interface BenchRun {
  /** Number of measurements per side, of which the median is used. */
  readonly repeats: number;
  /** Duration of one measurement under load. */
  readonly seconds: number;
  /** Temporary folder, which is removed afterwards. */
  readonly folder: string;
}

/** The peer is missing on this machine. */
export class MissingPeerError extends Error {}

/** Returns whether figures reach a target. */
export function reaches({ kind, value }: Target, { ours, peer, ratio }: Figures): boolean {
  switch (kind) {
    case 'at most':
      return ratio <= value;
    case 'at least':
      return ratio >= value;
    case 'more at most':
      return ours - peer <= value;
    case 'below':
      return ours < value;
  }
}
