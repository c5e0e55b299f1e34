import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { SERVER_VARIABLES } from '../../lib/contract/environment';
import { readServeConfiguration } from '../../lib/serving/configuration-file';
import { readSecrets } from '../../lib/serving/secrets';
import { afterwards } from '../support/cleanup';
import { temporaryFolder } from '../support/temporary-folder';

function setVariable(name: string, value: string | undefined): void {
  const before = process.env[name];
  const set = (to: string | undefined) => {
    if (to === undefined) {
      Reflect.deleteProperty(process.env, name);
    } else {
      process.env[name] = to;
    }
  };
  set(value);
  afterwards(() => {
    set(before);
  });
}

describe('a configuration in the environment', () => {
  it('replaces the content of the file, and its paths stay relative to the file', async () => {
    const folder = await temporaryFolder();
    afterwards(() => folder.remove());
    const file = path.join(folder.path, 'configuration.json');
    await writeFile(file, '{"model": {"path": "other.zip"}}');
    setVariable(SERVER_VARIABLES.configuration, '{"model": {"path": "model.zip"}, "port": 8080}');
    expect(await readServeConfiguration(file)).toMatchObject({
      model: { path: path.join(folder.path, 'model.zip') },
      port: 8080,
    });
  });

  it.each([
    ['{', 'the environment variable CDKTF_BRAINWAVE_CONFIGURATION is not JSON'],
    ['{"prot": 1}', 'the environment variable CDKTF_BRAINWAVE_CONFIGURATION is invalid'],
  ])('is refused by its name if it is invalid: %s', async (value, message) => {
    setVariable(SERVER_VARIABLES.configuration, value);
    await expect(readServeConfiguration('/nowhere.json')).rejects.toThrow(message);
  });
});

describe('secrets in the environment', () => {
  it('are the keys and the certificate, which may contain its private key', async () => {
    setVariable(SERVER_VARIABLES.primaryKey, 'one');
    setVariable(SERVER_VARIABLES.secondaryKey, 'two');
    setVariable(SERVER_VARIABLES.certificate, '-----BEGIN both');
    expect(await readSecrets({ secretsFromEnvironment: ['keys', 'certificate'] })).toEqual({
      keys: { primaryKey: 'one', secondaryKey: 'two' },
      tls: { certificate: '-----BEGIN both', privateKey: '-----BEGIN both' },
    });
    setVariable(SERVER_VARIABLES.privateKey, '-----BEGIN key');
    expect(await readSecrets({ secretsFromEnvironment: ['certificate'] })).toEqual({
      tls: { certificate: '-----BEGIN both', privateKey: '-----BEGIN key' },
    });
  });

  it('are not read unless the configuration says so', async () => {
    setVariable(SERVER_VARIABLES.primaryKey, 'one');
    setVariable(SERVER_VARIABLES.secondaryKey, 'two');
    expect(await readSecrets({})).toEqual({});
  });

  it('must be set: a server that expects keys does not start without them', async () => {
    setVariable(SERVER_VARIABLES.primaryKey, 'one');
    setVariable(SERVER_VARIABLES.secondaryKey, undefined);
    await expect(readSecrets({ secretsFromEnvironment: ['keys'] })).rejects.toThrow(
      'the environment variable CDKTF_BRAINWAVE_SECONDARY_KEY is not set; set it to the secondary key',
    );
    setVariable(SERVER_VARIABLES.secondaryKey, '');
    await expect(readSecrets({ secretsFromEnvironment: ['keys'] })).rejects.toThrow(
      'the environment variable CDKTF_BRAINWAVE_SECONDARY_KEY is empty; set it to the secondary key',
    );
  });

  it('must be PEM: the message names the content type for a key vault and not the value', async () => {
    setVariable(SERVER_VARIABLES.certificate, 'MIIKpkcs12');
    const error = await readSecrets({ secretsFromEnvironment: ['certificate'] }).catch(
      (each: unknown) => each,
    );
    expect(String(error)).toContain(
      'the environment variable CDKTF_BRAINWAVE_CERTIFICATE does not contain PEM; if it comes from a key vault, create the ' +
        'certificate with the content type application/x-pem-file',
    );
    expect(String(error)).not.toContain('MIIKpkcs12');
  });

  it('come from one place', async () => {
    const folder = await temporaryFolder();
    afterwards(() => folder.remove());
    const keyFile = path.join(folder.path, 'keys.json');
    await writeFile(keyFile, '{"primaryKey": "one", "secondaryKey": "two"}', { mode: 0o600 });
    await expect(readSecrets({ keyFile, secretsFromEnvironment: ['keys'] })).rejects.toThrow(
      'keyFile is set, and secretsFromEnvironment contains "keys"; remove one of them',
    );
  });
});
