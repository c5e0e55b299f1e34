import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';

import { startTls, tlsContextOptions, type ConnectionTarget } from '../connection/connection-diagnosis';
import { nextEvent } from '../connection/socket-event';
import { openTcp } from '../connection/tcp-connection';
import { InvalidInputError } from '../errors/prediction-errors';

/**
 * Connects to the service as far as TCP or, with a context, TLS.
 * @param context of `secureContext`
 * @param deadline milliseconds since the epoch
 * @returns `undefined` if that fails. `diagnoseConnection` finds out why.
 */
export async function dial(
  target: ConnectionTarget,
  context: SecureContext | undefined,
  deadline: number,
): Promise<Socket | undefined> {
  const opened = await openTcp(target, deadline);
  if (opened.kind !== 'connected') {
    return undefined;
  }
  opened.socket.setNoDelay();
  if (!context) {
    return opened.socket;
  }
  const { serverName, application } = target;
  const secured = startTls(opened.socket, serverName, application, { secureContext: context });
  const event = await nextEvent(secured, ['secureConnect'], deadline);
  return event.kind === 'secureConnect' ? secured : undefined;
}

/** @throws InvalidInputError if the TLS settings are invalid */
export function secureContext({ tls, application }: ConnectionTarget): SecureContext | undefined {
  if (!tls) {
    return undefined;
  }
  try {
    return createSecureContext(tlsContextOptions(tls, application));
  } catch (cause) {
    // The reasons from OpenSSL and the file system contain neither keys nor file contents.
    const reason = String((cause as NodeJS.ErrnoException).code);
    throw new InvalidInputError(
      tls.privateKey
        ? `the client certificate or its private key is invalid (${reason})`
        : `the trusted roots cannot be read (${reason})`,
      {
        remedy: tls.privateKey
          ? 'pass a matching pair in PEM format'
          : 'check the file named by GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
        cause,
      },
    );
  }
}
