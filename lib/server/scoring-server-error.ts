import { BrainwaveError } from '../errors/brainwave-error';

/** What a scoring server was told to do cannot be done; found before it changes anything. */
export class ServerOptionsError extends BrainwaveError {
  readonly code = 'SERVER_OPTIONS_INVALID';
}

/** The server was stopped before it had done what it was asked to. */
export class ServerStoppedError extends BrainwaveError {
  readonly code = 'SERVER_STOPPED';

  constructor() {
    super('the server was stopped before its model was loaded; start it again');
  }
}
