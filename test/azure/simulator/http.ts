import { AzureError } from './azure-error';
import { isObject, type Json, type JsonObject } from './json';

/** A request to one of Azure's hosts. */
export interface AzureRequest {
  readonly method: string;
  readonly host: string;
  /** Decoded, without the query. */
  readonly path: string;
  /** By lowercase name: Azure ignores case. */
  readonly query: ReadonlyMap<string, string>;
  /** By lowercase name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** An answer of one of Azure's hosts. */
export interface AzureResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export function jsonResponse(
  status: number,
  value?: Json,
  headers: Readonly<Record<string, string>> = {},
): AzureResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    ...(value !== undefined && { body: JSON.stringify(value) }),
  };
}

export function errorResponse({ status, code, message }: AzureError): AzureResponse {
  return jsonResponse(status, { error: { code, message } });
}

/** The JSON object in a request; an empty one if there is no body. */
export function bodyOf({ body }: AzureRequest): JsonObject {
  const value = body.length === 0 ? {} : (JSON.parse(body.toString('utf8')) as Json);
  if (!isObject(value)) {
    throw new AzureError(400, 'InvalidRequestContent', 'The request content is not a JSON object.');
  }
  return value;
}
