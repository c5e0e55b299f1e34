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
 * Holds one channel for all calls, and makes another after it went bad: a new one connects at once, where
 * the old one would wait out its reconnect backoff, or for a connection that hangs.
 */
export class ServiceChannel {
  private readonly credentials: ChannelCredentials;
  private current: Client | undefined;

  /** @throws InvalidInputError for TLS settings that cannot be used */
  constructor(private readonly settings: ClientSettings) {
    this.credentials = channelCredentials(settings);
  }

  /** The channel to call over now. */
  get(): Client {
    this.current ??= new Client(
      `dns:${formatAddress(this.settings.address)}`,
      this.credentials,
      channelOptions(this.settings),
    );
    return this.current;
  }

  /**
   * Makes the next call use another channel, unless the one that failed has been replaced already or is
   * connected. Calls that are under way keep theirs.
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

/** Whether calls over the channel reach a server now. */
export function isConnected(client: Client): boolean {
  return client.getChannel().getConnectivityState(false) === connectivityState.READY;
}

/**
 * Who a certificate is asked for when we connect by IP address: TLS has no room for an address there
 * (RFC 6066, section 3), Node warns about one, and grpc-js always sends something.
 */
const noServerName = 'ip-address.invalid';

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
    // OpenSSL's and the file system's reasons name no key and no content.
    const reason = String((cause as NodeJS.ErrnoException).code);
    throw new InvalidInputError(
      tls.privateKey
        ? `the client certificate and its private key cannot be used (${reason})`
        : `the trusted roots cannot be read (${reason})`,
      {
        remedy: tls.privateKey
          ? 'pass a PEM pair that belongs together'
          : 'check the file that GRPC_DEFAULT_SSL_ROOTS_FILE_PATH names',
        cause,
      },
    );
  }
}

function channelOptions(settings: ClientSettings): ChannelOptions {
  const { address, hostname, serverName } = settings;
  return {
    // Azure's load balancers drop a connection that was idle for 4 minutes, without a word.
    'grpc.keepalive_time_ms': 180_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.dns_min_time_between_resolutions_ms': 1_000,
    // A shared pool would hand a new channel the old one's connection and its backoff.
    'grpc.use_local_subchannel_pool': 1,
    // Retry policies from DNS are none of ours, and looking for them costs a query for TXT records.
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_channelz': 0,
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': settings.maxMessageBytes,
    ...(isLoopback(address) && { 'grpc.enable_http_proxy': 0 }),
    ...(hostname !== undefined && {
      'grpc.default_authority': formatAddress({ host: hostname, port: address.port }),
    }),
    ...(settings.tls && {
      'grpc.ssl_target_name_override': isIP(serverName) === 0 ? serverName : noServerName,
    }),
  };
}
