import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { EndpointConfiguration } from '../../lib/contract/endpoint-configuration';
import { ServedEndpoint } from '../../lib/entry-script/served-endpoint';
import { silentLog } from '../../lib/server';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';

describe('a server of an entry script', () => {
  let folder: string;
  let configuration: EndpointConfiguration;

  beforeEach(async () => {
    const temporary = await temporaryFolder();
    afterwards(temporary.remove);
    folder = temporary.path;
    const { certificate, privateKey } = await issueCertificate({ names: ['scoring.localhost'] });
    const file = async (name: string, content: string) => {
      await writeFile(path.join(folder, name), content, { mode: 0o600 });
      return path.join(folder, name);
    };
    configuration = {
      contentHash: '1',
      host: '127.0.0.1',
      port: 0,
      python: path.join(folder, 'no-python'),
      codeFolder: folder,
      entryScript: 'score.py',
      modelFolder: folder,
      model: { name: 'digits', version: '1' },
      workers: 1,
      environment: {},
      maxRequestBytes: 1000,
      tls: {
        certificateFile: await file('certificate.pem', certificate),
        privateKeyFile: await file('private-key.pem', privateKey),
      },
      keyFile: await file('keys.json', JSON.stringify({ primaryKey: 'first', secondaryKey: 'second' })),
    };
  });

  function start(): Promise<ServedEndpoint> {
    return ServedEndpoint.start(configuration, silentLog, new AbortController().signal);
  }

  it.each([
    ['private key', 'private-key.pem'],
    ['key file', 'keys.json'],
  ])('rejects a %s that others may read, before it starts anything', async (what, name) => {
    await chmod(path.join(folder, name), 0o644);
    await expect(start()).rejects.toMatchObject({
      code: 'SERVE_CONFIGURATION_INVALID',
      message: expect.stringContaining(
        `the ${what} ${path.join(folder, name)} is accessible to users other than`,
      ) as string,
    });
  });

  it('rejects a key that no client could send', async () => {
    await writeFile(configuration.keyFile ?? '', JSON.stringify({ primaryKey: 'ä', secondaryKey: 'second' }));
    await expect(start()).rejects.toMatchObject({ code: 'SERVER_OPTIONS_INVALID' });
  });

  it('reports a missing Python', async () => {
    await expect(start()).rejects.toMatchObject({
      code: 'ENTRY_SCRIPT_FAILED',
      message: expect.stringContaining('ENOENT') as string,
    });
  });
});
