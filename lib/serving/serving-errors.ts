import { BrainwaveError } from '../errors/brainwave-error';

/** The configuration of a serving process is invalid. */
export class ServeConfigurationError extends BrainwaveError {
  readonly code = 'SERVE_CONFIGURATION_INVALID';
}

/** An option of a server is invalid. Nothing has been changed. */
export class ServerOptionsError extends BrainwaveError {
  readonly code = 'SERVER_OPTIONS_INVALID';
}

/** The server was stopped before it had started or reloaded. */
export class ServerStoppedError extends BrainwaveError {
  readonly code = 'SERVER_STOPPED';

  constructor() {
    super('the server was stopped before its model was loaded; start it again');
  }
}

/** The server cannot listen on its address. */
export class ListenError extends BrainwaveError {
  readonly code = 'LISTEN_FAILED';

  /** Explains the operating system's error. */
  static from(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
    const where = `${host}:${port}`;
    switch (error.code) {
      case 'EADDRINUSE':
        return new ListenError(
          `port ${port} on ${host} is in use by another process; stop it (\`lsof -i :${port}\` shows it) or set another port`,
          { cause: error },
        );
      case 'EACCES':
        return new ListenError(
          `no permission to listen on ${where}, which ports below 1024 require; set a higher port, such as 50051`,
          { cause: error },
        );
      case 'EADDRNOTAVAIL':
        return new ListenError(
          `${host} is not an address of this machine; listen on 127.0.0.1, or on 0.0.0.0 for all addresses`,
          { cause: error },
        );
      default:
        return new ListenError(`cannot listen on ${where}: ${error.message}`, { cause: error });
    }
  }
}
