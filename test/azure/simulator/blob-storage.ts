import { randomUUID } from 'node:crypto';

import type { AzureRequest, AzureResponse } from './http';
import { CALLER, CALLER_NETWORK_ID } from './identity';
import { isPublic, reaches } from './private-link';
import type { ResourceStore } from './resource-store';
import { hasRole } from './roles';

const WRITERS = ['Storage Blob Data Contributor', 'Storage Blob Data Owner'];
const READERS = [...WRITERS, 'Storage Blob Data Reader'];

interface Blob {
  data: Buffer;
  metadata: Record<string, string>;
  contentType: string;
  md5?: string;
  tier: string;
  lease?: string;
}

/**
 * `<account>.blob.core.windows.net`, and the settings of the other storage services.
 *
 * A key is refused if the account does not take keys, and a token if the caller has no role on the data, as Azure does.
 */
export class BlobStorage {
  /** By `<account>/<container>/<blob>`. */
  private readonly blobs = new Map<string, Blob>();
  /** Blocks that are not committed yet, by the blob's key. */
  private readonly blocks = new Map<string, Map<string, Buffer>>();

  constructor(private readonly store: ResourceStore) {
    store.onRemoved(({ type, id }) => {
      const [account, container] = [id.split('/')[8], id.split('/').at(-1)];
      if (type.toLowerCase() === 'microsoft.storage/storageaccounts') {
        this.removeBelow(`${account}/`);
      } else if (type.toLowerCase() === 'microsoft.storage/storageaccounts/blobservices/containers') {
        this.removeBelow(`${account}/${container}/`);
      }
    });
  }

  /** The text of all blobs, by `<account>/<container>/<blob>`. */
  get contents(): ReadonlyMap<string, string> {
    return new Map([...this.blobs].map(([key, { data }]) => [key, data.toString('utf8')]));
  }

  answer(request: AzureRequest): AzureResponse {
    const [accountName = '', service = ''] = request.host.split('.');
    const account = [...this.store.all()].find(
      ({ type, name }) => type.toLowerCase() === 'microsoft.storage/storageaccounts' && name === accountName,
    );
    if (!account) {
      return failed(404, 'AccountNotFound');
    }
    const authorization = request.headers.authorization ?? '';
    if (!isPublic(account) && !reaches(this.store, CALLER_NETWORK_ID, account, service)) {
      return failed(403, 'AuthorizationFailure');
    }
    if (authorization.startsWith('SharedKey') && account.properties.allowSharedKeyAccess === false) {
      return failed(403, 'KeyBasedAuthenticationNotPermitted');
    }
    if (request.path === '/') {
      return request.method === 'PUT'
        ? { status: 202, headers: commonHeaders() }
        : { status: 200, headers: commonHeaders(), body: SERVICE_PROPERTIES };
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (
      authorization.startsWith('Bearer') &&
      service === 'blob' &&
      !hasRole(this.store, CALLER.objectId, account.id, isRead ? READERS : WRITERS)
    ) {
      return failed(403, 'AuthorizationPermissionMismatch');
    }
    const [container = '', ...rest] = request.path.slice(1).split('/');
    if (!this.store.find(`${account.id}/blobServices/default/containers/${container}`)) {
      return failed(404, 'ContainerNotFound');
    }
    const blob = rest.join('/');
    return blob === ''
      ? this.answerContainer(request, `${accountName}/${container}/`)
      : this.answerBlob(request, `${accountName}/${container}/${blob}`);
  }

  private answerContainer({ query }: AzureRequest, prefix: string): AzureResponse {
    if (query.get('comp') !== 'list') {
      return { status: 200, headers: commonHeaders() };
    }
    const wanted = `${prefix}${query.get('prefix') ?? ''}`;
    const names = [...this.blobs.keys()].filter((key) => key.startsWith(wanted)).sort();
    const blobs = names.map((key) => `<Blob><Name>${key.slice(prefix.length)}</Name><Properties/></Blob>`);
    return {
      status: 200,
      headers: commonHeaders(),
      body: `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>${blobs.join('')}</Blobs><NextMarker/></EnumerationResults>`,
    };
  }

  private answerBlob(request: AzureRequest, key: string): AzureResponse {
    const { method, query, headers } = request;
    const component = query.get('comp');
    if (method === 'PUT' && component === 'block') {
      const blocks = this.blocks.get(key) ?? new Map<string, Buffer>();
      this.blocks.set(key, blocks.set(query.get('blockid') ?? '', request.body));
      return { status: 201, headers: commonHeaders() };
    }
    if (method === 'PUT' && (component === undefined || component === 'blocklist')) {
      this.write(key, headers, component === undefined ? request.body : this.commit(key, request.body));
      return { status: 201, headers: commonHeaders() };
    }
    const blob = this.blobs.get(key);
    if (!blob) {
      return failed(404, 'BlobNotFound');
    }
    if (method === 'PUT') {
      return component === 'lease' ? lease(blob, headers) : change(blob, component, headers);
    }
    if (method === 'DELETE') {
      this.blobs.delete(key);
      return { status: 202, headers: commonHeaders() };
    }
    return {
      status: 200,
      headers: {
        ...commonHeaders(),
        'x-ms-blob-type': 'BlockBlob',
        'Content-Type': blob.contentType,
        'x-ms-access-tier': blob.tier,
        'x-ms-lease-status': blob.lease === undefined ? 'unlocked' : 'locked',
        'x-ms-lease-state': blob.lease === undefined ? 'available' : 'leased',
        ...blob.metadata,
        ...(blob.md5 !== undefined && { 'Content-MD5': blob.md5 }),
      },
      body: blob.data,
    };
  }

  private write(key: string, headers: AzureRequest['headers'], data: Buffer): void {
    const md5 = headers['x-ms-blob-content-md5'];
    const held = this.blobs.get(key)?.lease;
    this.blobs.set(key, {
      data,
      metadata: metadataOf(headers),
      contentType: headers['x-ms-blob-content-type'] ?? headers['content-type'] ?? 'application/octet-stream',
      tier: headers['x-ms-access-tier'] ?? 'Hot',
      ...(md5 !== undefined && { md5 }),
      ...(held !== undefined && { lease: held }),
    });
  }

  /** The blocks that a list names, in its order. */
  private commit(key: string, list: Buffer): Buffer {
    const blocks = this.blocks.get(key);
    this.blocks.delete(key);
    const ids = [...list.toString('utf8').matchAll(/<(?:Latest|Uncommitted)>([^<]+)</g)];
    return Buffer.concat(ids.map(([, id = '']) => blocks?.get(id) ?? Buffer.alloc(0)));
  }

  private removeBelow(prefix: string): void {
    for (const key of this.blobs.keys()) {
      if (key.startsWith(prefix)) {
        this.blobs.delete(key);
      }
    }
  }
}

function lease(blob: Blob, headers: AzureRequest['headers']): AzureResponse {
  if (headers['x-ms-lease-action'] !== 'acquire') {
    delete blob.lease;
    return { status: 200, headers: commonHeaders() };
  }
  if (blob.lease !== undefined) {
    return failed(409, 'LeaseAlreadyPresent');
  }
  blob.lease = headers['x-ms-proposed-lease-id'] ?? randomUUID();
  return { status: 201, headers: { ...commonHeaders(), 'x-ms-lease-id': blob.lease } };
}

function change(blob: Blob, component: string | undefined, headers: AzureRequest['headers']): AzureResponse {
  if (component === 'metadata') {
    blob.metadata = metadataOf(headers);
  } else if (component === 'properties') {
    blob.contentType = headers['x-ms-blob-content-type'] ?? blob.contentType;
  } else if (component === 'tier') {
    blob.tier = headers['x-ms-access-tier'] ?? blob.tier;
  }
  return { status: 200, headers: commonHeaders() };
}

function metadataOf(headers: AzureRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (each): each is [string, string] => each[0].startsWith('x-ms-meta-') && each[1] !== undefined,
    ),
  );
}

function commonHeaders(): Record<string, string> {
  return {
    'x-ms-request-id': randomUUID(),
    'x-ms-version': '2023-11-03',
    ETag: '"0x8D"',
    'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT',
    'Content-Type': 'application/xml',
  };
}

function failed(status: number, code: string): AzureResponse {
  return {
    status,
    headers: { ...commonHeaders(), 'x-ms-error-code': code },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  };
}

const METRICS =
  '<Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy>';
const SERVICE_PROPERTIES =
  '<?xml version="1.0" encoding="utf-8"?><StorageServiceProperties><Logging><Version>1.0</Version><Read>false</Read>' +
  '<Write>false</Write><Delete>false</Delete><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></Logging>' +
  `<HourMetrics>${METRICS}</HourMetrics><MinuteMetrics>${METRICS}</MinuteMetrics><Cors/>` +
  '<StaticWebsite><Enabled>false</Enabled></StaticWebsite></StorageServiceProperties>';
