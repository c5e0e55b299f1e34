import { BrainwaveError } from '../errors/brainwave-error';

/**
 * A text that should hold PEM certificates does not. The message says what it holds instead and the command
 * that converts it; it never repeats the text, which may be a private key.
 */
export class CertificateFormatError extends BrainwaveError {
  readonly code = 'CERTIFICATE_FORMAT';

  /** @param got What the text holds instead, for example `DER (binary) certificate`. */
  constructor(
    readonly got: string,
    mend: string,
    options?: ErrorOptions,
  ) {
    super(
      `certificate is not usable: got ${got}, expected PEM text with one or more ` +
        `-----BEGIN CERTIFICATE----- blocks, the server's own first; ${mend}`,
      options,
    );
  }
}
