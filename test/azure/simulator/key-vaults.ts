import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import { AzureError } from './azure-error';
import { bodyOf, jsonResponse, type AzureRequest, type AzureResponse } from './http';
import { CALLER, CALLER_NETWORK_ID } from './identity';
import { isPublic, reaches } from './private-link';
import { objectOf, textOf, type JsonObject } from './json';
import type { ResourceStore } from './resource-store';
import type { Resource } from './resource-type';
import { hasRole } from './roles';

const WRITERS = ['Key Vault Administrator', 'Key Vault Secrets Officer'];
const READERS = [...WRITERS, 'Key Vault Secrets User', 'Key Vault Certificate User'];
const CERTIFICATE_WRITERS = ['Key Vault Administrator', 'Key Vault Certificates Officer'];

/** A version of a secret; a certificate is one, too, with its key in the value. */
interface SecretVersion {
  readonly version: string;
  readonly body: JsonObject;
}

/**
 * `<vault>.vault.azure.net`: secrets and their versions, imported certificates, soft deletion and purge protection. The caller needs a role, as in Azure.
 */
export class KeyVaults {
  /** By `<vault>/<name>`. */
  private readonly secrets = new Map<string, SecretVersion[]>();
  private readonly deleted = new Map<string, SecretVersion[]>();

  constructor(private readonly store: ResourceStore) {
    store.onRemoved(({ type, name }) => {
      if (type.toLowerCase() === 'microsoft.keyvault/vaults') {
        for (const key of [...this.secrets.keys()].filter((each) => each.startsWith(`${name}/`))) {
          this.secrets.delete(key);
        }
      }
    });
  }

  /** The values of all secrets, by `<vault>/<name>`. */
  get values(): ReadonlyMap<string, string> {
    return new Map([...this.secrets].map(([key, versions]) => [key, textOf(versions.at(-1)?.body.value)]));
  }

  /** All that must stay out of states and plans: values of secrets, and lines of private keys. */
  get confidential(): readonly string[] {
    return [...this.secrets.values()].flat().flatMap(({ body }) => {
      const value = textOf(body.value);
      const keys = [...value.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----\n([^-]+)-----END/g)];
      return value.includes('-----BEGIN')
        ? // The first lines of a key contain its modulus, which is also in the certificate.
          keys.flatMap(([, lines = '']) => lines.trim().split('\n').slice(-10, -1))
        : [value];
    });
  }

  /** Adds a version, as somebody else than the caller would. */
  setSecret(vault: string, name: string, value: string, contentType = 'text/plain'): void {
    this.addVersion(keyOf(vault, name), { value, contentType });
  }

  /** @param pem the private key, then the certificate and its chain */
  setCertificate(vault: string, name: string, pem: string): void {
    this.setSecret(vault, name, pem, 'application/x-pem-file');
  }

  answer(request: AzureRequest): AzureResponse {
    const [vaultName = ''] = request.host.split('.');
    const vault = [...this.store.all()].find(
      ({ type, name }) => type.toLowerCase() === 'microsoft.keyvault/vaults' && name === vaultName,
    );
    if (!vault) {
      throw new AzureError(404, 'VaultNotFound', `There is no vault ${vaultName}.`);
    }
    if (!isPublic(vault) && !reaches(this.store, CALLER_NETWORK_ID, vault, 'vault')) {
      throw new AzureError(
        403,
        'Forbidden',
        `Public network access is disabled and request is not from a trusted service nor via an approved private link: ${vaultName}.`,
      );
    }
    const [collection, name, version] = request.path.split('/').filter(Boolean) as (string | undefined)[];
    if (collection === undefined) {
      return jsonResponse(200, {});
    }
    if (request.headers.authorization === undefined) {
      return {
        status: 401,
        headers: {
          'WWW-Authenticate': `Bearer authorization="https://login.microsoftonline.com/${CALLER.tenantId}", resource="https://vault.azure.net"`,
        },
      };
    }
    if (name === undefined || (collection === 'certificates' && name === 'contacts')) {
      throw new AzureError(404, 'NotFound', `There is no ${request.path} in the vault ${vaultName}.`);
    }
    this.requireRole(request, vault, name, collection.endsWith('certificates'));
    const key = keyOf(vaultName, name);
    if (collection === 'deletedsecrets' || collection === 'deletedcertificates') {
      return this.answerDeleted(request, vault, key);
    }
    if (collection === 'certificates' && version === 'import') {
      const { value, pwd } = bodyOf(request);
      this.setCertificate(vaultName, name, pemOf(textOf(value), textOf(pwd)));
    }
    if (collection === 'secrets' && request.method === 'PUT') {
      return this.setSecretOf(request, key);
    }
    const versions = this.secrets.get(key);
    const current = versions?.find((each) => each.version === version) ?? versions?.at(-1);
    if (!current) {
      throw new AzureError(
        404,
        'SecretNotFound',
        `A secret with (name/id) ${name} was not found in this key vault.`,
      );
    }
    switch (request.method) {
      case 'DELETE':
        this.secrets.delete(key);
        this.deleted.set(key, versions ?? []);
        return jsonResponse(200, {
          recoveryId: recoveryId(key),
          ...(collection === 'certificates' ? showCertificate(key, current) : showSecret(key, current)),
        });
      case 'PATCH':
        for (const [property, value] of Object.entries(bodyOf(request))) {
          if (value !== null && value !== undefined) {
            current.body[property] = value;
          }
        }
        return jsonResponse(200, showSecret(key, current));
      default:
        return jsonResponse(
          200,
          collection === 'certificates' ? showCertificate(key, current) : showSecret(key, current),
        );
    }
  }

  /** Answers Resource Manager's requests for a secret, which show its version but not its value; `undefined` for all others. */
  answerManagement({ method, path }: AzureRequest): AzureResponse | undefined {
    const found = /\/Microsoft\.KeyVault\/vaults\/([^/]+)\/secrets\/([^/]+)$/i.exec(path);
    if (method !== 'GET' || !found) {
      return undefined;
    }
    const [, vault, name] = found;
    const key = keyOf(vault, name);
    const current = this.secrets.get(key)?.at(-1);
    if (!current) {
      throw new AzureError(404, 'NotFound', `The secret ${name} was not found in the vault ${vault}.`);
    }
    const secretUri = urlOf(key, 'secrets');
    return jsonResponse(200, {
      id: path,
      name,
      type: 'Microsoft.KeyVault/vaults/secrets',
      properties: {
        contentType: current.body.contentType,
        attributes: { enabled: true },
        secretUri,
        secretUriWithVersion: `${secretUri}/${current.version}`,
      },
    });
  }

  private setSecretOf(request: AzureRequest, key: string): AzureResponse {
    if (this.deleted.has(key)) {
      throw new AzureError(
        409,
        'Conflict',
        `Secret ${key} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, ` +
          'the secret can only be recovered or purged.',
      );
    }
    return jsonResponse(200, showSecret(key, this.addVersion(key, bodyOf(request))));
  }

  private answerDeleted({ method }: AzureRequest, vault: Resource, key: string): AzureResponse {
    const versions = this.deleted.get(key);
    const last = versions?.at(-1);
    if (!versions || !last) {
      throw new AzureError(404, 'SecretNotFound', `The secret ${key} is not deleted.`);
    }
    if (method === 'POST') {
      this.deleted.delete(key);
      this.secrets.set(key, versions);
      return jsonResponse(200, showSecret(key, last));
    }
    if (method === 'DELETE') {
      if (vault.properties.enablePurgeProtection === true) {
        throw new AzureError(
          403,
          'Forbidden',
          'Operation "purge" is not allowed because purge protection is enabled for this vault.',
        );
      }
      this.deleted.delete(key);
      return { status: 204 };
    }
    return jsonResponse(200, { recoveryId: recoveryId(key), ...showSecret(key, last) });
  }

  private requireRole(
    { method, path }: AzureRequest,
    vault: Resource,
    name: string,
    isCertificate: boolean,
  ): void {
    if (vault.properties.enableRbacAuthorization !== true) {
      return;
    }
    const writers = isCertificate ? CERTIFICATE_WRITERS : WRITERS;
    const roles = method === 'GET' ? [...READERS, ...writers] : writers;
    if (!hasRole(this.store, CALLER.objectId, `${vault.id}/secrets/${name}`, roles)) {
      throw new AzureError(
        403,
        'Forbidden',
        `Caller is not authorized to perform action on resource. Caller: oid=${CALLER.objectId}. Action: ${method} ${path}.`,
      );
    }
  }

  private addVersion(key: string, body: JsonObject): SecretVersion {
    const added = { version: randomBytes(16).toString('hex'), body };
    this.secrets.set(key, [...(this.secrets.get(key) ?? []), added]);
    return added;
  }
}

function keyOf(vault: string, name: string): string {
  return `${vault}/${name.toLowerCase()}`;
}

function urlOf(key: string, collection: string): string {
  const [vault = '', name = ''] = key.split('/');
  return `https://${vault}.vault.azure.net/${collection}/${name}`;
}

function recoveryId(key: string): string {
  return urlOf(key, 'deletedsecrets');
}

function showSecret(key: string, { version, body }: SecretVersion): JsonObject {
  return {
    id: `${urlOf(key, 'secrets')}/${version}`,
    value: body.value,
    contentType: body.contentType,
    tags: objectOf(body.tags),
    attributes: {
      enabled: true,
      created: 1,
      updated: 1,
      recoveryLevel: 'Recoverable',
      ...objectOf(body.attributes),
    },
  };
}

/** @param pfx PKCS #12, in Base64 */
function pemOf(pfx: string, password: string): string {
  const { status, stdout, stderr } = spawnSync(
    'openssl',
    ['pkcs12', '-nodes', '-passin', `pass:${password}`],
    { input: Buffer.from(pfx, 'base64'), encoding: 'utf8' },
  );
  if (status !== 0) {
    throw new AzureError(
      400,
      'BadParameter',
      `The specified PKCS#12 X.509 certificate is invalid: ${stderr}`,
    );
  }
  return stdout;
}

function showCertificate(key: string, { version, body }: SecretVersion): JsonObject {
  const base64 = /-----BEGIN CERTIFICATE-----\s*(.*?)-----END/s.exec(textOf(body.value))?.[1];
  if (base64 === undefined) {
    throw new AzureError(404, 'CertificateNotFound', `A certificate ${key} was not found in this key vault.`);
  }
  return {
    id: `${urlOf(key, 'certificates')}/${version}`,
    kid: `${urlOf(key, 'keys')}/${version}`,
    sid: `${urlOf(key, 'secrets')}/${version}`,
    x5t: 'eA',
    cer: base64.replace(/\s/g, ''),
    attributes: { enabled: true, nbf: 1_700_000_000, exp: 1_900_000_000 },
    policy: {
      id: `${urlOf(key, 'certificates')}/policy`,
      key_props: { exportable: true, kty: 'RSA', key_size: 2048, reuse_key: false },
      secret_props: { contentType: 'application/x-pem-file' },
      issuer: { name: 'Unknown' },
      x509_props: {
        subject: 'CN=scoring',
        sans: { dns_names: [] },
        ekus: [],
        key_usage: [],
        validity_months: 3,
      },
      lifetime_actions: [{ trigger: { lifetime_percentage: 80 }, action: { action_type: 'EmailContacts' } }],
    },
  };
}
