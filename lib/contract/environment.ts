/** Environment variables in which a stack passes a specification and secrets to a step. */
export const STEP_VARIABLES = {
  /** The step's specification, as JSON. */
  specification: 'CDKTF_BRAINWAVE_SPECIFICATION',
  /** Sensitive; never part of the specification. */
  primaryKey: 'CDKTF_BRAINWAVE_PRIMARY_KEY',
  /** Sensitive; never part of the specification. */
  secondaryKey: 'CDKTF_BRAINWAVE_SECONDARY_KEY',
  /** Certificate chain as PEM. Sensitive; never part of the specification. */
  certificate: 'CDKTF_BRAINWAVE_CERTIFICATE',
  /** PEM. Sensitive; never part of the specification. */
  privateKey: 'CDKTF_BRAINWAVE_PRIVATE_KEY',
  /** Access to a cluster, as the JSON of a kubeconfig. Sensitive; never part of the specification. */
  kubeconfig: 'CDKTF_BRAINWAVE_KUBECONFIG',
} as const;

/** Environment variables of a scoring server, for platforms that pass configuration and secrets in them rather than in files. */
export const SERVER_VARIABLES = {
  /** JSON of the configuration, which replaces the configuration file. Contains no secrets. */
  configuration: 'CDKTF_BRAINWAVE_CONFIGURATION',
  /** Sensitive. */
  primaryKey: 'CDKTF_BRAINWAVE_PRIMARY_KEY',
  /** Sensitive. */
  secondaryKey: 'CDKTF_BRAINWAVE_SECONDARY_KEY',
  /** Certificate chain as PEM. May contain the private key, as the secret of a key vault's certificate does. Sensitive. */
  certificate: 'CDKTF_BRAINWAVE_CERTIFICATE',
  /** PEM, if `certificate` does not contain it. Sensitive. */
  privateKey: 'CDKTF_BRAINWAVE_PRIVATE_KEY',
} as const;

/** Environment variable of a scoring server with the revision that it reports, for platforms that set one per process. */
export const REVISION_VARIABLE = 'CDKTF_BRAINWAVE_REVISION';
