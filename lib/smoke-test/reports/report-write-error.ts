import { BrainwaveError } from '../../errors/brainwave-error';

/** A report could not be written to its file. */
export class ReportWriteError extends BrainwaveError {
  readonly code = 'REPORT_NOT_WRITTEN';
}
