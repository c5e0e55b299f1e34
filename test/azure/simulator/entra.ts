import { jsonResponse, type AzureRequest, type AzureResponse } from './http';
import { CALLER } from './identity';
import type { JsonObject } from './json';

const LOGIN = 'https://login.microsoftonline.com';
const DAY_SECONDS = 86_400;

/** `login.microsoftonline.com`: whoever asks is the caller. Tokens are not signed, and nobody checks them. */
export function answerEntra({ path }: AzureRequest): AzureResponse {
  const tenant = `${LOGIN}/${CALLER.tenantId}`;
  if (path.endsWith('/token')) {
    return jsonResponse(200, {
      token_type: 'Bearer',
      expires_in: DAY_SECONDS,
      ext_expires_in: DAY_SECONDS,
      access_token: [
        encode({ alg: 'none', typ: 'JWT' }),
        encode({
          tid: CALLER.tenantId,
          oid: CALLER.objectId,
          appid: CALLER.clientId,
          idtyp: 'app',
          exp: Math.floor(Date.now() / 1000) + DAY_SECONDS,
          iss: `${tenant}/v2.0`,
        }),
        'unsigned',
      ].join('.'),
    });
  }
  if (path.includes('discovery/instance')) {
    return jsonResponse(200, {
      tenant_discovery_endpoint: `${tenant}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [
        {
          preferred_network: 'login.microsoftonline.com',
          preferred_cache: 'login.windows.net',
          aliases: ['login.microsoftonline.com', 'login.windows.net'],
        },
      ],
    });
  }
  return jsonResponse(200, {
    token_endpoint: `${tenant}/oauth2/v2.0/token`,
    authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
    issuer: `${tenant}/v2.0`,
    jwks_uri: `${LOGIN}/keys`,
  });
}

/** `graph.microsoft.com`: the caller's service principal. */
export function answerGraph(): AzureResponse {
  return jsonResponse(200, { value: [{ id: CALLER.objectId, appId: CALLER.clientId }] });
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
