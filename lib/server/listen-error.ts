import { BrainwaveError } from '../errors/brainwave-error';

/** The server cannot listen where it was told to. */
export class ListenError extends BrainwaveError {
  readonly code = 'LISTEN_FAILED';

  /** Says what the operating system's error means. */
  static from(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
    const where = `${host}:${port}`;
    switch (error.code) {
      case 'EADDRINUSE':
        return new ListenError(
          `port ${port} on ${host} is taken by another process; stop it (\`lsof -i :${port}\` names it) or set another port`,
          { cause: error },
        );
      case 'EACCES':
        return new ListenError(
          `no permission to listen on ${where}; ports below 1024 need it: set a higher port, such as 50051`,
          { cause: error },
        );
      case 'EADDRNOTAVAIL':
        return new ListenError(
          `${host} is no address of this machine; listen on 127.0.0.1, or on 0.0.0.0 for all its addresses`,
          { cause: error },
        );
      default:
        return new ListenError(`cannot listen on ${where}: ${error.message}`, { cause: error });
    }
  }
}
