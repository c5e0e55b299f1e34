import { X509Certificate } from 'node:crypto';

import { defaultPort } from '../connection/default-port';
import { formatAddress, parseAddress, parseServiceUrl, type Address } from '../connection/address';
import type { TlsSettings } from '../connection/connection-diagnosis';
import type { BatchLimits } from './batches';
import { InvalidInputError } from '../errors/prediction-errors';
import { findUnknownKey, type KnownKeys } from '../validation/known-keys';
import { numberAbove, outOfRange } from '../validation/number-range';
import { propertyNames, type OptionNames } from '../validation/option-names';
import { defaultRetryPolicy, type RetryPolicy } from './retry';
import { DEPLOYMENT_NAME, isDeploymentName } from '../validation/deployment-name';
import { isServiceKey } from '../validation/service-key';

/** Address, TLS settings, key and limits of a {@link PredictionClient}. */
export interface PredictionClientOptions {
  /**
   * Address of the service as `host:port`, with IPv6 addresses in brackets. The default port is 443 with TLS and 80 without.
   *
   * A URL, `https://host[:port][/prefix]`, is called over TensorFlow Serving's REST API, for example behind a gateway that does not
   * forward gRPC. Unless the server is one of this library, set `modelName`.
   */
  readonly address: string;
  /**
   * Host name to verify the certificate against and to send as SNI, if it differs from the address: for an IP address, a
   * tunnel, or a name without a DNS record.
   * @default - the host of the address
   */
  readonly serverName?: string | undefined;
  /**
   * Whether to call without TLS. Anyone on the network path can then read the calls.
   * @default false
   */
  readonly plaintext?: boolean | undefined;
  /**
   * Root certificates to trust, as PEM: the certificate of the service if it is self-signed, otherwise that of its authority.
   * @default - the file named by `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH` (read when this module is loaded), otherwise the roots
   * bundled with Node.js
   */
  readonly rootCertificates?: string | Buffer | undefined;
  /** Client certificate for mutual TLS. @default - none */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** Primary or secondary key of the service. @default - none */
  readonly key?: string | undefined;
  /**
   * Whether the key may be sent without TLS, where anyone on the network path can read it.
   * @default false
   */
  readonly allowKeyOverPlaintext?: boolean | undefined;
  /**
   * Deployment of an Azure ML online endpoint to call, whatever share of the requests it gets. Only with a URL as the address.
   * @default - the endpoint chooses one, by their shares
   */
  readonly deployment?: string | undefined;
  /** Model name to request. @default - the only model of the server */
  readonly modelName?: string | undefined;
  /**
   * Input name under which {@link PredictionClient.predict} sends arrays.
   * @default - the input in the model's metadata, which is requested once
   */
  readonly inputName?: string | undefined;
  /** Name of the output that contains the probabilities. @default 'output_alias' */
  readonly outputName?: string | undefined;
  /**
   * Deadline of a call in milliseconds, including its retries.
   * @default 30,000
   */
  readonly deadlineMs?: number | undefined;
  /**
   * Milliseconds to establish a connection before the call fails with the reason. A call with a shorter deadline fails sooner.
   * @default 10,000
   */
  readonly connectTimeoutMs?: number | undefined;
  /** Retries of calls that fail because the server is unavailable. */
  readonly retry?: RetryPolicy | undefined;
  /**
   * Maximum size of a sent or received message, in bytes.
   * @default 33,554,432 (32 MiB)
   */
  readonly maxMessageBytes?: number | undefined;
  /**
   * Maximum size of the images in one call, in bytes. {@link PredictionClient.predictImages} splits larger requests.
   * @default 3,145,728 (3 MiB; servers commonly refuse messages over 4 MiB)
   */
  readonly maxBatchBytes?: number | undefined;
  /**
   * Maximum number of images in one call.
   * @default 16
   */
  readonly maxBatchImages?: number | undefined;
  /**
   * Converts an option to the name under which users of your program set it, such as a flag. Error messages use it.
   * @default - the properties of this interface
   */
  readonly optionNames?: ClientOptionNames | undefined;
}

/** Where users set the options of a client. */
export type ClientOptionNames = OptionNames<Exclude<keyof PredictionClientOptions, 'optionNames'>>;

/** Client certificate for mutual TLS. */
export interface ClientCertificate {
  /** Certificate and its intermediates, as PEM. */
  readonly certificateChain: string | Buffer;
  /** Private key of the certificate, as PEM. */
  readonly privateKey: string | Buffer;
}

const KNOWN_OPTIONS: KnownKeys<PredictionClientOptions> = {
  address: true,
  serverName: true,
  plaintext: true,
  rootCertificates: true,
  clientCertificate: { certificateChain: true, privateKey: true },
  key: true,
  allowKeyOverPlaintext: true,
  deployment: true,
  modelName: true,
  inputName: true,
  outputName: true,
  deadlineMs: true,
  connectTimeoutMs: true,
  retry: { maxAttempts: true, initialBackoffMs: true, maxBackoffMs: true },
  maxMessageBytes: true,
  maxBatchBytes: true,
  maxBatchImages: true,
  optionNames: true,
};

/** Validated options with defaults applied. */
export interface ClientSettings {
  readonly address: Address;
  /** Name to verify the certificate against. */
  readonly serverName: string;
  /** Authority of the calls, if it differs from the address. */
  readonly authority?: string | undefined;
  /** Set if calls use the REST API, below a path that starts with a slash or is empty. */
  readonly rest?: { readonly prefix: string } | undefined;
  readonly application: 'h2' | 'http/1.1';
  readonly tls?: TlsSettings | undefined;
  readonly key?: string | undefined;
  readonly deployment?: string | undefined;
  readonly modelName: string;
  readonly inputName?: string | undefined;
  readonly outputName: string;
  readonly deadlineMs: number;
  readonly connectTimeoutMs: number;
  readonly retry: Required<RetryPolicy>;
  readonly maxMessageBytes: number;
  readonly batch: BatchLimits;
  readonly names: ClientOptionNames;
}

/** @throws InvalidInputError if an option is invalid or unknown */
export function resolveOptions(options: PredictionClientOptions): ClientSettings {
  requireKnownOptions(options, KNOWN_OPTIONS);
  const { optionNames: names = propertyNames } = options;
  const plaintext = options.plaintext ?? false;
  const rest = parseServiceUrl(options.address);
  if (rest && plaintext) {
    const plain = names('plaintext');
    throw new InvalidInputError(`got the address "${options.address}" together with ${plain}`, {
      remedy: `omit ${plain}, or pass the address as host:port to call over gRPC without TLS`,
    });
  }
  checkDeployment(options, rest !== undefined, names);
  const address = rest?.address ?? parseAddress(options.address, defaultPort(!plaintext));
  if (options.key !== undefined) {
    checkKey(options.key, plaintext && !(options.allowKeyOverPlaintext ?? false), names);
  }
  return {
    address,
    serverName: options.serverName ?? address.host,
    authority:
      options.serverName === undefined
        ? undefined
        : formatAddress({ host: options.serverName, port: address.port }),
    rest: rest && { prefix: rest.prefix },
    application: rest ? 'http/1.1' : 'h2',
    tls: plaintext ? undefined : tlsSettings(options, names),
    key: options.key,
    deployment: options.deployment,
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
    names,
  };
}

/** @throws InvalidInputError if an option is unknown: a misspelled one would have no effect */
export function requireKnownOptions<T extends object>(options: T, known: KnownKeys<NoInfer<T>>): void {
  const unknown = findUnknownKey(options, known);
  if (unknown) {
    throw new InvalidInputError(unknown.finding, { remedy: unknown.remedy });
  }
}

/** @throws InvalidInputError unless the number is greater than 0; `Infinity` is no limit */
export function positive(option: string, value: number): number {
  const problem = value === Infinity ? undefined : outOfRange(option, value, numberAbove(0));
  if (problem !== undefined) {
    throw new InvalidInputError(problem);
  }
  return value;
}

function checkDeployment(
  { deployment, address }: PredictionClientOptions,
  isRest: boolean,
  names: ClientOptionNames,
): void {
  if (deployment === undefined) {
    return;
  }
  if (!isRest) {
    throw new InvalidInputError(`got the deployment "${deployment}" together with the address "${address}"`, {
      remedy: `omit ${names('deployment')}, or pass the URL of the Azure ML endpoint as the address: https://…`,
    });
  }
  // It is sent in a header.
  if (!isDeploymentName(deployment)) {
    throw new InvalidInputError(`got the deployment "${deployment}", expected ${DEPLOYMENT_NAME}`);
  }
}

function checkKey(key: string, overPlaintext: boolean, names: ClientOptionNames): void {
  if (overPlaintext) {
    throw new InvalidInputError(
      `got a key together with ${names('plaintext')}, which would reveal the key to anyone on the network path`,
      {
        remedy:
          'use TLS, omit the key (without TLS the service does not check it), or set ' +
          names('allowKeyOverPlaintext'),
      },
    );
  }
  // Characters that a header can carry. The message must not reveal the key.
  if (!isServiceKey(key)) {
    throw new InvalidInputError(
      `got a key of ${key.length} characters that is empty or contains spaces, line breaks or characters outside ` +
        'of ASCII',
      { remedy: 'pass only the key, without the line break at the end of its file' },
    );
  }
}

function tlsSettings(
  { rootCertificates, clientCertificate }: PredictionClientOptions,
  names: ClientOptionNames,
): TlsSettings {
  return {
    rootCertificates:
      rootCertificates === undefined ? undefined : certificates(names('rootCertificates'), rootCertificates),
    certificateChain:
      clientCertificate &&
      certificates('clientCertificate.certificateChain', clientCertificate.certificateChain),
    privateKey: clientCertificate && Buffer.from(clientCertificate.privateKey),
  };
}

// OpenSSL ignores unreadable roots, and the call would fail later with a misleading reason.
function certificates(name: string, pem: string | Buffer): Buffer {
  const bytes = Buffer.from(pem);
  try {
    new X509Certificate(bytes);
  } catch (cause) {
    throw new InvalidInputError(
      `got ${name} of ${bytes.length} bytes without a readable certificate, expected PEM: ` +
        '-----BEGIN CERTIFICATE-----',
      { cause },
    );
  }
  return bytes;
}
