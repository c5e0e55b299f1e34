import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

import {
  Client,
  connectivityState,
  credentials,
  type ChannelCredentials,
  type ChannelOptions,
} from '@grpc/grpc-js';

import { formatAddress, isLoopback } from '../connection/address';
import type { ClientSettings } from './prediction-client-options';
import { InvalidInputError } from '../errors/prediction-errors';

/**
 * Provides one channel for all calls and replaces it after a failure: a new channel connects immediately, whereas the old one
 * would wait for its reconnect backoff or for a hanging connection.
 */
export class ServiceChannel {
  private readonly credentials: ChannelCredentials;
  private current: Client | undefined;

  /** @throws InvalidInputError if the TLS settings are invalid */
  constructor(private readonly settings: ClientSettings) {
    this.credentials = channelCredentials(settings);
  }

  /** Channel to use for the next call. */
  get(): Client {
    this.current ??= new Client(
      `dns:${formatAddress(this.settings.address)}`,
      this.credentials,
      channelOptions(this.settings),
    );
    return this.current;
  }

  /**
   * Makes the next call use a new channel, unless the failed one has already been replaced or is connected. Calls in flight keep
   * their channel.
   */
  replace(failed: Client): void {
    if (this.current === failed && !isConnected(failed)) {
      this.close();
    }
  }

  close(): void {
    this.current?.close();
    this.current = undefined;
  }
}

/** Returns whether the channel is connected. */
export function isConnected(client: Client): boolean {
  return client.getChannel().getConnectivityState(false) === connectivityState.READY;
}

/**
 * Server name sent when connecting to an IP address: SNI does not permit addresses (RFC 6066, section 3), Node warns about them,
 * and grpc-js always sends a name.
 */
const NO_SERVER_NAME = 'ip-address.invalid';

function channelCredentials({ tls, serverName }: ClientSettings): ChannelCredentials {
  if (!tls) {
    return credentials.createInsecure();
  }
  try {
    return credentials.createSsl(tls.rootCertificates, tls.privateKey, tls.certificateChain, {
      ...(isIP(serverName) !== 0 && {
        checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
          checkServerIdentity(serverName, certificate),
      }),
    });
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

function channelOptions(settings: ClientSettings): ChannelOptions {
  const { address, authority, serverName } = settings;
  return {
    // Azure's load balancers silently drop connections that have been idle for 4 minutes.
    'grpc.keepalive_time_ms': 180_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.dns_min_time_between_resolutions_ms': 1_000,
    // A shared pool would give a new channel the old connection and its backoff.
    'grpc.use_local_subchannel_pool': 1,
    // This client has its own retry policy, and looking up service configs costs a DNS query for TXT records.
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_channelz': 0,
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': settings.maxMessageBytes,
    ...(isLoopback(address) && { 'grpc.enable_http_proxy': 0 }),
    ...(authority !== undefined && { 'grpc.default_authority': authority }),
    ...(settings.tls && {
      'grpc.ssl_target_name_override': isIP(serverName) === 0 ? serverName : NO_SERVER_NAME,
    }),
  };
}
