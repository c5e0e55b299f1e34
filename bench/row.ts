/** What a ratio is to reach. */
export interface Target {
  readonly kind: 'at most' | 'at least' | 'more at most';
  /** A ratio of ours to the peer's; with `more at most`, a difference in the row's unit. */
  readonly value: number;
}

/** What a row measured: medians, and the median of the ratios of runs that followed each other. */
export interface Figures {
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
  /** What the reader should know of these figures. */
  readonly note?: string;
}

/** One row of the table: a figure of ours against a peer's. */
export interface Row {
  /** By which `--row` names it. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** None where the row only tells. */
  readonly target?: Target;
  /** @throws MissingPeerError where there is nothing to measure against on this machine */
  measure(run: BenchRun): Promise<Figures>;
}

/** How thoroughly to measure, and where files may go. */
export interface BenchRun {
  /** Measurements of each side; their median counts. */
  readonly repeats: number;
  /** Of one measurement under load. */
  readonly seconds: number;
  /** A folder that is removed afterwards. */
  readonly folder: string;
}

/** There is nothing to measure against on this machine. */
export class MissingPeerError extends Error {}

/** Whether figures reach a target. */
export function reaches({ kind, value }: Target, { ours, peer, ratio }: Figures): boolean {
  switch (kind) {
    case 'at most':
      return ratio <= value;
    case 'at least':
      return ratio >= value;
    case 'more at most':
      return ours - peer <= value;
  }
}
