import { BrainwaveError } from '../../errors/brainwave-error';

/**
 * The worker thread that ran a request's models ended before it answered. The thread is replaced and other
 * requests go on; sending the request again is safe.
 */
export class WorkerCrashedError extends BrainwaveError {
  readonly code = 'WORKER_CRASHED';

  /** @param reason what is known of the thread's end: its exit code or its last error */
  constructor(reason: string) {
    super(`a worker thread ended while it ran the models (${reason}); the request may be sent again`);
  }
}
