import { X509Certificate } from 'node:crypto';

import { parseAddress, type Address } from '../connection/address';
import type { TlsSettings } from '../connection/connection-diagnosis';
import type { BatchLimits } from './batches';
import { InvalidInputError } from '../errors/prediction-errors';
import { numberAbove, outOfRange } from '../validation/number-range';
import { defaultRetryPolicy, type RetryPolicy } from './retry';

/** How to reach a scoring service and what to show it. */
export interface PredictionClientOptions {
  /**
   * `host:port`. Without a port: 443 with TLS, 80 in plaintext, as in the cloud. IPv6 in brackets.
   */
  readonly address: string;
  /**
   * The name that the certificate is checked against and that the server is asked for, where the address
   * is another: an IP address, a tunnel, a name that DNS does not have yet.
   * @default the address's host
   */
  readonly hostname?: string;
  /**
   * Whether to call without TLS. Everybody on the way can then read what is sent.
   * @default false
   */
  readonly plaintext?: boolean;
  /**
   * The certificates to trust, PEM: the service's own where it is self-signed, else its authority's.
   * @default those in the file that `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH` names (read when this module is
   * loaded), else those that come with Node
   */
  readonly rootCertificates?: string | Buffer;
  /** The certificate to show to a server that asks for one (mutual TLS). @default none */
  readonly clientCertificate?: ClientCertificate;
  /** The service's primary or secondary key. @default none */
  readonly key?: string;
  /**
   * Whether the key may be sent over plaintext, where everybody on the way can read it.
   * @default false
   */
  readonly allowKeyOverPlaintext?: boolean;
  /** The model to ask for. @default the only model that the server has */
  readonly modelName?: string;
  /**
   * The name of the input that {@link PredictionClient.predict} sends arrays as.
   * @default what the model's metadata says, asked for once
   */
  readonly inputName?: string;
  /** The name of the output that holds the probabilities. @default `output_alias` */
  readonly outputName?: string;
  /**
   * Milliseconds that a call may take, its retries included.
   * @default 30,000
   */
  readonly deadlineMs?: number;
  /**
   * Milliseconds that making the connection may take before the call fails with the reason; a call with a
   * shorter deadline gives up sooner.
   * @default 10,000
   */
  readonly connectTimeoutMs?: number;
  /** How calls are tried again that found the server unavailable. */
  readonly retry?: RetryPolicy;
  /**
   * Largest message that is sent or accepted, in bytes.
   * @default 33,554,432 (32 MiB)
   */
  readonly maxMessageBytes?: number;
  /**
   * Bytes of images in one call: {@link PredictionClient.predictImages} makes as many calls as it needs.
   * @default 3,145,728 (3 MiB: servers commonly refuse messages of over 4)
   */
  readonly maxBatchBytes?: number;
  /**
   * Images in one call.
   * @default 16
   */
  readonly maxBatchImages?: number;
}

/** What a client shows to a server that asks for a certificate. */
export interface ClientCertificate {
  /** PEM: the certificate and those between it and its authority. */
  readonly certificateChain: string | Buffer;
  /** PEM. */
  readonly privateKey: string | Buffer;
}

/** The options with their defaults, checked. */
export interface ClientSettings {
  readonly address: Address;
  /** The name on the certificate: `hostname`, else the address's host. */
  readonly serverName: string;
  readonly hostname?: string;
  readonly tls?: TlsSettings;
  readonly key?: string;
  readonly modelName: string;
  readonly inputName?: string;
  readonly outputName: string;
  readonly deadlineMs: number;
  readonly connectTimeoutMs: number;
  readonly retry: Required<RetryPolicy>;
  readonly maxMessageBytes: number;
  readonly batch: BatchLimits;
}

/** @throws InvalidInputError for an option that cannot be meant */
export function resolveOptions(options: PredictionClientOptions): ClientSettings {
  const plaintext = options.plaintext ?? false;
  const address = parseAddress(options.address, plaintext ? 80 : 443);
  if (options.key !== undefined) {
    checkKey(options.key, plaintext && !(options.allowKeyOverPlaintext ?? false));
  }
  return {
    address,
    serverName: options.hostname ?? address.host,
    hostname: options.hostname,
    tls: plaintext ? undefined : tlsSettings(options),
    key: options.key,
    modelName: options.modelName ?? '',
    inputName: options.inputName,
    outputName: options.outputName ?? 'output_alias',
    deadlineMs: positive('deadlineMs', options.deadlineMs ?? 30_000),
    connectTimeoutMs: positive('connectTimeoutMs', options.connectTimeoutMs ?? 10_000),
    retry: {
      maxAttempts: positive(
        'retry.maxAttempts',
        options.retry?.maxAttempts ?? defaultRetryPolicy.maxAttempts,
      ),
      initialBackoffMs: options.retry?.initialBackoffMs ?? defaultRetryPolicy.initialBackoffMs,
      maxBackoffMs: options.retry?.maxBackoffMs ?? defaultRetryPolicy.maxBackoffMs,
    },
    maxMessageBytes: positive('maxMessageBytes', options.maxMessageBytes ?? 32 * 1024 * 1024),
    batch: {
      maxBytes: positive('maxBatchBytes', options.maxBatchBytes ?? 3 * 1024 * 1024),
      maxImages: positive('maxBatchImages', options.maxBatchImages ?? 16),
    },
  };
}

/** @throws InvalidInputError unless the number is greater than 0; `Infinity` is no limit */
export function positive(option: string, value: number): number {
  const problem = value === Infinity ? undefined : outOfRange(option, value, numberAbove(0));
  if (problem !== undefined) {
    throw new InvalidInputError(problem);
  }
  return value;
}

function checkKey(key: string, overPlaintext: boolean): void {
  if (overPlaintext) {
    throw new InvalidInputError(
      'got a key together with plaintext, which would show the key to everybody on the way',
      {
        remedy:
          'use TLS, leave out the key (without TLS the service does not check it), or set allowKeyOverPlaintext',
      },
    );
  }
  // What a header may hold. The message must not show the key.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new InvalidInputError(
      `got a key of ${key.length} characters that is empty or holds spaces, line breaks or characters outside ` +
        'of ASCII',
      { remedy: 'pass the key alone, without the line break that ends its file' },
    );
  }
}

function tlsSettings({ rootCertificates, clientCertificate }: PredictionClientOptions): TlsSettings {
  return {
    ...(rootCertificates !== undefined && {
      rootCertificates: certificates('rootCertificates', rootCertificates),
    }),
    ...(clientCertificate && {
      certificateChain: certificates(
        'clientCertificate.certificateChain',
        clientCertificate.certificateChain,
      ),
      privateKey: Buffer.from(clientCertificate.privateKey),
    }),
  };
}

// OpenSSL ignores roots that it cannot read, and the call would fail later with a misleading reason.
function certificates(name: string, pem: string | Buffer): Buffer {
  const bytes = Buffer.from(pem);
  try {
    new X509Certificate(bytes);
  } catch (cause) {
    throw new InvalidInputError(
      `got ${name} of ${bytes.length} bytes without a certificate that can be read, expected PEM: ` +
        '-----BEGIN CERTIFICATE-----',
      { cause },
    );
  }
  return bytes;
}
