/** How urgent an alert is. */
export enum AlertSeverity {
  /** Callers are affected: notify somebody now. Severity 0 in Azure Monitor. */
  CRITICAL = 'critical',
  /** Callers will be affected: look at it within a day. Severity 2 in Azure Monitor. */
  WARNING = 'warning',
}

/** What an alert says and how urgent it is. */
export interface AlertProps {
  /** Name of the alert, in Pascal case: `ErrorRatioHigh`. */
  readonly name: string;
  /** One sentence for the subject of a notification. */
  readonly summary: string;
  /**
   * Value, threshold and what to look at. May contain templates of Prometheus, such as `{{ $value }}`.
   * @default - the summary
   */
  readonly description?: string | undefined;
  /** @default AlertSeverity.WARNING */
  readonly severity?: AlertSeverity | undefined;
  /**
   * Minutes for which the condition must hold before the alert fires.
   * @default 5
   */
  readonly forMinutes?: number | undefined;
  /**
   * Page that says what to do.
   * @default - none
   */
  readonly runbookUrl?: string | undefined;
}

/** A condition in PromQL, and the alert that it fires. {@link Metric} has methods that return one. */
export interface AlertRule extends AlertProps {
  /** PromQL expression. The alert fires while it returns a series. */
  readonly expression: string;
}
