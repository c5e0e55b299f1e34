/** Environment variables through which a stack hands a step its specification and its secrets. */
export const STEP_VARIABLES = {
  /** The step's specification, as JSON. */
  specification: 'CDKTF_BRAINWAVE_SPECIFICATION',
  /** Sensitive; never part of the specification. */
  primaryKey: 'CDKTF_BRAINWAVE_PRIMARY_KEY',
  /** Sensitive; never part of the specification. */
  secondaryKey: 'CDKTF_BRAINWAVE_SECONDARY_KEY',
} as const;
