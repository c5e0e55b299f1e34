import { request as httpRequest } from 'node:http';

import { formatAddress } from '../../connection/address';
import { diagnoseConnection } from '../../connection/connection-diagnosis';
import { connectionError } from '../../connection/connection-error';
import {
  CancelledError,
  DeadlineExceededError,
  OverloadedError,
  UnauthenticatedError,
  UnavailableError,
  UnexpectedResponseError,
} from '../../errors/prediction-errors';
import { DEPLOYMENT_HEADER } from '../../validation/deployment-name';
import { DialingAgent } from '../../client/dialing-agent';
import { waitForReadiness, type WaitUntilReadyOptions } from '../../client/readiness';
import { JsonAnswer } from '../json-answer';
import { connectionTarget, type ResolvedTarget } from '../target';
import { redact } from '../redact';
import { SmokeTestError } from '../smoke-test-error';
import type { Answer, Readiness, ScoringProtocol } from './scoring-protocol';

/** Longer than Azure's router waits for a deployment. */
const CALL_TIMEOUT_SECONDS = 120;
const CONNECT_TIMEOUT_MS = 10_000;
const DIAGNOSIS_MS = 5_000;
/** Statuses that a router returns while the deployment behind it starts. */
const NOT_READY = [404, 502, 503, 504];

interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** Target of a redirect. */
  readonly location: string | undefined;
  readonly requestId: string | undefined;
}

/** Posts JSON with `Authorization: Bearer <key>`, as Azure ML's online endpoints expect it. */
export class HttpScoring implements ScoringProtocol {
  private readonly agent: DialingAgent;
  private readonly callTimeoutMs: number;

  /** @param samples requests to post when checking whether the endpoint is ready and whether it checks keys */
  constructor(
    private readonly target: ResolvedTarget,
    private readonly samples: readonly Uint8Array[],
    callTimeoutSeconds = CALL_TIMEOUT_SECONDS,
  ) {
    this.callTimeoutMs = callTimeoutSeconds * 1000;
    this.agent = new DialingAgent(connectionTarget(target), CONNECT_TIMEOUT_MS);
  }

  async waitUntilReady(waiting: WaitUntilReadyOptions): Promise<Readiness> {
    const [sample] = this.samples;
    let answer: HttpAnswer | undefined;
    await waitForReadiness(async ({ leftMs, signal }) => {
      answer = await this.post(sample, this.target.key, signal, leftMs);
      requireReady(answer);
    }, waiting);
    if (answer) {
      requireEndpoint(answer);
    }
    return { detail: 'the endpoint responds' };
  }

  /** If a request is rejected for its content, whether the key is valid is still unknown, so the next request is posted. */
  async callWithKey(key: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    let refusal: HttpAnswer | undefined;
    for (const sample of this.samples) {
      const answer = await this.post(sample, key, signal);
      requireReady(answer);
      requireEndpoint(answer);
      requireAccepted(answer, key);
      if (isScored(answer)) {
        return;
      }
      refusal ??= answer;
    }
    if (refusal) {
      throw notScored(refusal);
    }
  }

  async score(sample: Uint8Array, signal: AbortSignal | undefined): Promise<Answer> {
    const answer = await this.post(sample, this.target.key, signal);
    requireEndpoint(answer);
    if (!isScored(answer)) {
      throw notScored(answer);
    }
    return new JsonAnswer(answer.text);
  }

  close(): void {
    this.agent.destroy();
  }

  /**
   * Posts a request. Returns the answer regardless of its status.
   * @param leftMs milliseconds that the caller can still wait
   */
  private async post(
    body: Uint8Array,
    key: string | undefined,
    signal: AbortSignal | undefined,
    leftMs = this.callTimeoutMs,
  ): Promise<HttpAnswer> {
    const timeoutMs = Math.min(leftMs, this.callTimeoutMs);
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await this.send(body, key, signal ? AbortSignal.any([signal, timeout]) : timeout);
    } catch (error) {
      if (signal?.aborted) {
        throw new CancelledError('the call was canceled', { cause: error });
      }
      if (timeout.aborted) {
        throw new DeadlineExceededError(
          `got no response from ${formatAddress(this.target)} within ${Math.round(timeoutMs / 100) / 10} s`,
          {
            remedy:
              "check the endpoint's log" +
              (timeoutMs < this.callTimeoutMs ? '' : `, or raise ${this.target.names('callTimeoutSeconds')}`),
            cause: error,
          },
        );
      }
      throw await this.connectionError(error as Error);
    }
  }

  private async connectionError(error: Error): Promise<Error> {
    const target = connectionTarget(this.target);
    return connectionError(await diagnoseConnection(target, DIAGNOSIS_MS), target, error.message);
  }

  private send(body: Uint8Array, key: string | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const { host, port, path, deployment } = this.target;
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        method: 'POST',
        path,
        agent: this.agent,
        signal,
        headers: {
          host: formatAddress({ host, port }),
          'content-type': 'application/json',
          'content-length': body.length,
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(deployment !== undefined && { [DEPLOYMENT_HEADER]: deployment }),
        },
      });
      request.once('error', reject);
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const requestId = response.headers['x-request-id'];
          resolve({
            status: response.statusCode ?? 0,
            // Redact before the text is truncated, which could leave a part of a key.
            text: redact(Buffer.concat(chunks).toString('utf8'), key),
            location: response.headers.location,
            requestId: typeof requestId === 'string' ? requestId : undefined,
          });
        });
      });
      request.end(body);
    });
  }
}

/** Throws if the answer is from a router, so that it does not count as an answer of the endpoint. */
function requireReady(answer: HttpAnswer): void {
  if (NOT_READY.includes(answer.status)) {
    throw new UnavailableError(`the endpoint is not ready: ${describe(answer)}`, {
      remedy:
        answer.status === 404
          ? "check the path and the endpoint's name, or wait until its route exists"
          : 'wait until its deployment has started, and check its log if that takes too long',
    });
  }
  if (answer.status === 429) {
    throw new OverloadedError(`the endpoint is at its limit of calls in flight: ${describe(answer)}`, {
      remedy: 'lower the number of concurrent calls, or add replicas to its deployment',
    });
  }
}

/** Throws if the answer is from a server of another kind, which waiting cannot change. */
function requireEndpoint(answer: HttpAnswer): void {
  const remedy = 'check the address: a login page or a gateway responded instead of the endpoint';
  if (answer.status >= 300 && answer.status <= 399) {
    throw new UnexpectedResponseError(
      `got a redirect (status ${answer.status}) to ${target(answer.location)}, expected a response of the endpoint`,
      { remedy },
    );
  }
  if (isScored(answer) && /^\s*<(!doctype|html)\b/i.test(answer.text)) {
    throw new UnexpectedResponseError(
      `got a web page, expected a response of the endpoint: ${describe(answer)}`,
      {
        remedy,
      },
    );
  }
}

function requireAccepted(answer: HttpAnswer, key: string | undefined): void {
  if (answer.status === 401 || answer.status === 403) {
    throw key === undefined
      ? new UnauthenticatedError(`the endpoint rejected the call, which had no key: ${describe(answer)}`, {
          remedy: "pass the endpoint's primary or secondary key",
        })
      : new UnauthenticatedError(`the endpoint rejected the key: ${describe(answer)}`, {
          remedy:
            "check that it is this endpoint's primary or secondary key and that it has not been replaced",
        });
  }
}

function isScored({ status }: HttpAnswer): boolean {
  return status >= 200 && status <= 299;
}

function notScored(answer: HttpAnswer): SmokeTestError {
  return new SmokeTestError('EXPECTATION_FAILED', `the request was not scored: ${describe(answer)}`, {
    remedy: "check that the request is what the entry script expects, and check the endpoint's log",
  });
}

/** Formats the target of a redirect, without the query, which can contain tokens of a gateway. */
function target(location: string | undefined): string {
  return location === undefined
    ? 'an unknown location'
    : printable(location.replace(/[?#].*$/s, '')).slice(0, 300);
}

function describe({ status, text, requestId }: HttpAnswer): string {
  const id = requestId === undefined ? '' : `, request ${requestId}`;
  return `status ${status}${id}: ${printable(text).slice(0, 300) || '(empty response)'}`;
}

function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- a server must not write escape sequences to the terminal
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ').trim();
}
