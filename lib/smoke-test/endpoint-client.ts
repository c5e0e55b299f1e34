import { lookup as systemLookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';

import { reasonOf } from '../client/connection-error';
import {
  CancelledError,
  CertificateError,
  ConnectionFailedError,
  type PredictionError,
} from '../client/prediction-errors';

/** Where to post, with what. */
export interface EndpointConnection {
  readonly scoringUri: URL;
  readonly key?: string | undefined;
  /** PEM: what to trust in place of the public roots. */
  readonly rootCertificates?: string;
}

export interface EndpointAnswer {
  readonly status: number;
  readonly text: string;
  readonly requestId: string | undefined;
}

/** Longer than Azure's router waits for a deployment. */
const TIMEOUT_MS = 120_000;

/**
 * Posts JSON to an endpoint.
 * @throws ConnectionFailedError, CertificateError, CancelledError; every status is an answer
 */
export function postJson(
  { scoringUri, key, rootCertificates }: EndpointConnection,
  body: Uint8Array,
  signal?: AbortSignal,
): Promise<EndpointAnswer> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      reject(connectionError(error, scoringUri, { cancelled: signal?.aborted, late: timeout.aborted }));
    };
    const send = scoringUri.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(scoringUri, {
      method: 'POST',
      lookup,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(rootCertificates !== undefined && { ca: rootCertificates }),
      headers: {
        'content-type': 'application/json',
        'content-length': body.length,
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
    });
    request.once('error', fail);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', fail);
      response.once('end', () => {
        const requestId = response.headers['x-request-id'];
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString('utf8'),
          requestId: typeof requestId === 'string' ? requestId : undefined,
        });
      });
    });
    request.end(body);
  });
}

/** RFC 6761: names below `localhost` are this machine, which not every resolver knows. */
const lookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname.endsWith('.localhost') ? 'localhost' : hostname, options, callback);
};

function connectionError(
  error: NodeJS.ErrnoException,
  { host }: URL,
  { cancelled, late }: { cancelled: boolean | undefined; late: boolean },
): PredictionError {
  const options = { cause: error };
  if (cancelled) {
    return new CancelledError('the call was broken off', options);
  }
  if (late) {
    return new ConnectionFailedError(
      `got no answer from ${host} within ${TIMEOUT_MS / 1000} s; look in the endpoint's log`,
      'timed-out',
      options,
    );
  }
  const { code = '', message } = error;
  switch (code) {
    case 'ECONNREFUSED':
      return new ConnectionFailedError(
        `nothing listens on ${host}: the connection was refused; start the endpoint, or check the port`,
        'refused',
        options,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConnectionFailedError(
        `the host name of ${host} has no address (${code}); check its spelling and its DNS record`,
        'name-not-found',
        options,
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return new ConnectionFailedError(
        `${host} cannot be reached (${code}); check the address, the network and the VPN`,
        'unreachable',
        options,
      );
    default:
      return /CERT|UNABLE_TO|SSL|EPROTO/.test(code)
        ? new CertificateError(
            `the certificate or the TLS of ${host} is not accepted (${message}); trust its authority's certificate, ` +
              'or deploy one that covers the name',
            reasonOf(code),
            options,
          )
        : new ConnectionFailedError(
            `the connection to ${host} broke (${message}); look in the endpoint's log`,
            'closed',
            options,
          );
  }
}
