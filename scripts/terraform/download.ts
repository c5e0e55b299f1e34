import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { installHints } from '../../lib/terraform/terraform-errors';

/** Reason why Terraform could not be downloaded. */
export type TerraformFetchReason =
  | 'UNSUPPORTED_PLATFORM'
  | 'ADDRESS'
  | 'NETWORK'
  | 'HTTP_STATUS'
  | 'CHECKSUM'
  | 'ARCHIVE'
  | 'CACHE_DIRECTORY'
  | 'NOT_USABLE';

/** Terraform could not be downloaded. The message ends with instructions to install it or OpenTofu. */
export class TerraformFetchError extends BrainwaveError {
  readonly code = 'TERRAFORM_FETCH_FAILED';

  constructor(
    readonly reason: TerraformFetchReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${message}\n${installHints}`, options);
  }
}

/** Progress of a download. */
export interface DownloadProgress {
  readonly receivedBytes: number;
  /** Undefined if the server does not report it. */
  readonly totalBytes?: number;
}

interface DownloadOptions {
  readonly idleTimeoutMilliseconds: number;
  readonly maximumBytes: number;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

const PROXY_HINT =
  "Behind a proxy, note that Node's fetch ignores HTTPS_PROXY unless NODE_USE_ENV_PROXY=1 is set, which requires Node " +
  '22.21 or 24.';

/**
 * Downloads a file and returns its SHA-256 in lowercase hex.
 *
 * @throws TerraformFetchError with the reason `NETWORK` or `HTTP_STATUS`
 */
export async function downloadFile(url: string, target: string, options: DownloadOptions): Promise<string> {
  const idle = new AbortController();
  const timer = setTimeout(() => {
    idle.abort();
  }, options.idleTimeoutMilliseconds);
  let receivedBytes = 0;
  try {
    const response = await fetch(url, { signal: idle.signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new TerraformFetchError(
        'HTTP_STATUS',
        `could not fetch ${url}: got HTTP ${response.status} ${response.statusText}, expected 200; ` +
          'check the address of your mirror, if you use one.',
      );
    }
    const totalBytes = contentLength(response);
    const hash = createHash('sha256');
    const file = await open(target, 'wx', 0o600);
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        timer.refresh();
        receivedBytes += chunk.length;
        if (receivedBytes > options.maximumBytes) {
          throw new TerraformFetchError(
            'NETWORK',
            `could not fetch ${url}: got more than ${options.maximumBytes} bytes, expected a release's zip; ` +
              'check the address of your mirror, if you use one.',
          );
        }
        hash.update(chunk);
        await file.writeFile(chunk);
        options.onProgress?.({ receivedBytes, totalBytes });
      }
    } finally {
      await file.close();
    }
    return hash.digest('hex');
  } catch (error) {
    if (error instanceof TerraformFetchError || isFileError(error)) {
      throw error;
    }
    const why = idle.signal.aborted
      ? `no data was received for ${options.idleTimeoutMilliseconds / 1000} seconds`
      : networkReason(error);
    const when = receivedBytes === 0 ? '' : ` after ${receivedBytes} bytes`;
    throw new TerraformFetchError(
      'NETWORK',
      `could not fetch ${url}: ${why}${when}; check the network and retry. ${PROXY_HINT}`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

function contentLength(response: Response): number | undefined {
  const header = response.headers.get('content-length');
  return header === null || response.headers.has('content-encoding') ? undefined : Number(header);
}

// fetch reports only "fetch failed" or "terminated"; the reason is in the cause.
function networkReason(error: unknown): string {
  const { code, message } = causeOf(error) ?? (error as { code?: unknown; message?: unknown });
  const named = typeof code === 'string' ? (reasons[code] ?? code) : undefined;
  return named ?? (typeof message === 'string' && message !== '' ? message : 'the connection failed');
}

function causeOf(error: unknown): { code?: unknown; message?: unknown } | undefined {
  const value = (error as { cause?: unknown } | undefined)?.cause;
  return typeof value === 'object' && value !== null ? value : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused (ECONNREFUSED)',
  ECONNRESET: 'the connection was reset (ECONNRESET)',
  ENOTFOUND: 'the host name was not found (ENOTFOUND)',
  EAI_AGAIN: 'the host name could not be looked up (EAI_AGAIN)',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out (UND_ERR_CONNECT_TIMEOUT)',
  UND_ERR_SOCKET: 'the server closed the connection (UND_ERR_SOCKET)',
};

function isFileError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'path' in error;
}
