import { BrainwaveError, type BrainwaveErrorOptions } from './brainwave-error';

/** Reasons for which a local workload or model cannot be used. */
export type LocalErrorCode =
  | 'MODEL_NAME_INVALID'
  | 'MODEL_VERSION_CONFLICT'
  | 'MODEL_NOT_REGISTERED'
  | 'MODEL_CORRUPT'
  | 'SERVICE_NAME_INVALID'
  | 'SERVICE_NOT_FOUND'
  | 'SERVICE_STOPPED'
  | 'SERVICE_LOST'
  | 'SERVICE_MOVED'
  | 'SERVICE_UNREADABLE'
  | 'SERVICE_DAMAGED'
  | 'SERVICE_BUSY'
  | 'PORT_TAKEN'
  | 'START_FAILED'
  | 'UPDATE_FAILED'
  | 'STOP_FAILED'
  | 'CERTIFICATE_UNUSABLE'
  | 'FILE_MISSING'
  | 'PYTHON_MISSING'
  | 'PYTHON_PACKAGES'
  | 'ENTRY_SCRIPT_FAILED';

/** A local workload or model cannot be used; `code` tells why. */
export class LocalError extends BrainwaveError {
  constructor(
    readonly code: LocalErrorCode,
    message: string,
    options?: BrainwaveErrorOptions,
  ) {
    super(message, options);
  }
}
