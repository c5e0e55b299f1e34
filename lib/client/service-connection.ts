import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';

import { dial } from './dial';
import type { ClientSettings } from './prediction-client-options';
import { unaryCall, type UnaryAnswer, type UnaryRequest } from './unary-call';

// Azure's load balancers silently drop connections that have been idle for 4 minutes.
const PING_INTERVAL_MS = 180_000;
const PING_TIMEOUT_MS = 10_000;
/** Flow-control window for responses: a window of 64 KiB costs a round trip for each 64 KiB of a large response. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/** An established HTTP/2 connection to the service. */
export class ServiceConnection {
  private calls = 0;
  private readonly pings: NodeJS.Timeout;

  private constructor(private readonly session: ClientHttp2Session) {
    session.setLocalWindowSize(WINDOW_BYTES);
    this.pings = setInterval(() => {
      this.ping();
    }, PING_INTERVAL_MS);
    this.pings.unref();
    session.once('close', () => {
      clearInterval(this.pings);
    });
    // An idle client does not keep the process running.
    session.unref();
  }

  /**
   * Connects as far as HTTP/2: the server has sent its settings.
   * @param deadline milliseconds since the epoch
   * @returns `undefined` if that fails. `diagnoseConnection` finds out why.
   */
  static async open(
    settings: ClientSettings,
    context: SecureContext | undefined,
    deadline: number,
  ): Promise<ServiceConnection | undefined> {
    const socket = await dial(settings, context, deadline);
    const session = socket && (await startHttp2(socket, settings, deadline));
    return session && new ServiceConnection(session);
  }

  /** Whether calls can be made. A connection that the server is about to close takes no more. */
  get usable(): boolean {
    return !this.session.closed && !this.session.destroyed;
  }

  /** @throws CallFailedError */
  async call(request: UnaryRequest): Promise<UnaryAnswer> {
    if (this.calls++ === 0) {
      this.session.ref();
    }
    try {
      return await unaryCall(this.session, request);
    } finally {
      if (--this.calls === 0) {
        this.session.unref();
      }
    }
  }

  /** Closes the connection once its calls have ended. */
  close(): void {
    this.session.close();
  }

  private ping(): void {
    const late = setTimeout(() => {
      this.session.destroy();
    }, PING_TIMEOUT_MS);
    late.unref();
    this.session.ping(() => {
      clearTimeout(late);
    });
  }
}

function startHttp2(
  socket: Socket,
  settings: ClientSettings,
  deadline: number,
): Promise<ClientHttp2Session | undefined> {
  const session = connectHttp2(settings.tls ? 'https://localhost' : 'http://localhost', {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    // The messages that a caller passes are in memory already.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  return new Promise((resolve) => {
    const fail = () => {
      clearTimeout(timer);
      session.destroy();
      resolve(undefined);
    };
    const timer = setTimeout(fail, Math.max(deadline - Date.now(), 1));
    session.once('remoteSettings', () => {
      clearTimeout(timer);
      resolve(session);
    });
    // Keep the listener: an unhandled 'error' event ends the process.
    session.on('error', fail);
    session.once('close', fail);
  });
}
