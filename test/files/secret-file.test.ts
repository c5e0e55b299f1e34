import { chmod, chown, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { readSecretFile } from '../../lib/files/secret-file';
import { issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { runCommand, servingPort, startCommand } from '../support/cli';
import { temporaryFolder } from '../support/temporary-folder';
import { tinyModel } from '../support/tiny-model';
import { until } from '../support/until';

const KEY = 'the-secret-of-this-test';
const ROOT = 0;
const NOBODY = 65_534;

let folder: string;

beforeEach(async () => {
  const temporary = await temporaryFolder();
  afterwards(temporary.remove);
  folder = temporary.path;
});

async function write(name: string, mode: number, content = KEY): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  await chmod(file, mode);
  return file;
}

describe('a file that contains a secret', () => {
  it.each([0o600, 0o400, 0o700])('is read if only its owner has access (mode %o)', async (mode) => {
    await expect(readSecretFile('key file', await write('key', mode))).resolves.toBe(KEY);
  });

  it.each([
    [0o604, '0604'],
    [0o644, '0644'],
    [0o601, '0601'],
    [0o660, '0660'],
    [0o777, '0777'],
  ])('is rejected if others have any permissions (mode %o), with the remedy', async (mode, shown) => {
    const file = await write('key', mode);
    await expect(readSecretFile('key file', file)).rejects.toMatchObject({
      code: 'SECRET_FILE_OPEN',
      message:
        `the key file ${file} is accessible to users other than its owner (mode ${shown}); ` +
        `run \`chmod 600 ${file}\`, and replace the secret if other people use this machine`,
    });
  });

  it('is checked at the target of a link, not at the link', async () => {
    const link = path.join(folder, 'link');
    await symlink(await write('key', 0o600), link);
    await expect(readSecretFile('key file', link)).resolves.toBe(KEY);
  });

  it('may be read by its group where it is root’s, as Kubernetes mounts secrets, and not where it is another’s', async () => {
    const file = await write('key', 0o440);
    // Only root can give a file away; for another user this is the second half of the truth.
    await chown(file, ROOT, NOBODY).catch(() => undefined);
    const { uid } = await stat(file);
    const read = readSecretFile('key file', file).then(
      () => 'read',
      () => 'refused',
    );
    expect(await read).toBe(uid === ROOT ? 'read' : 'refused');
    await chown(file, NOBODY, NOBODY).catch(() => undefined);
    await expect(readSecretFile('key file', file)).rejects.toMatchObject({ code: 'SECRET_FILE_OPEN' });
  });
});

describe('the command', () => {
  const keys = JSON.stringify({ primaryKey: KEY, secondaryKey: `${KEY}-2` });

  async function certificate(): Promise<string[]> {
    const { certificate, privateKey } = await issueCertificate({ names: ['scoring.localhost'] });
    await write('tls.crt', 0o644, certificate);
    await write('tls.key', 0o600, privateKey);
    return ['--certificate', 'tls.crt', '--private-key', 'tls.key'];
  }

  beforeEach(async () => {
    await writeFile(path.join(folder, 'model.zip'), tinyModel());
  });

  it.each([
    ['key file', 'keys.json'],
    ['private key', 'tls.key'],
  ])('serve rejects a %s that others can read, without showing its content', async (what, name) => {
    const tls = await certificate();
    await write('keys.json', 0o600, keys);
    await chmod(path.join(folder, name), 0o644);
    const args = ['serve', '--model', 'model.zip', '--port', '0', ...tls, '--key-file', 'keys.json'];
    const { exitCode, stdout, stderr } = await runCommand(args, folder);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(new RegExp(`^error: the ${what} .*${name} is accessible to users .*chmod 600`));
    expect(stdout + stderr).not.toMatch(/the-secret-of-this-test|BEGIN/);
  });

  it('score rejects a key file that others can read, before any call', async () => {
    await write('key', 0o644);
    await write('image.jpg', 0o644, 'no image');
    const args = ['score', 'image.jpg', '--address', 'localhost:1', '--key-file', 'key'];
    const { exitCode, stderr } = await runCommand(args, folder);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /the key file key is accessible to users other than its owner \(mode 0644\); run `chmod 600 key`/,
    );
    expect(stderr).not.toContain(KEY);
  });

  it('serve continues with the previous keys if a file with new keys is accessible to others', async () => {
    const tls = await certificate();
    await write('keys.json', 0o600, keys);
    const args = ['serve', '--model', 'model.zip', '--port', '0', ...tls, '--key-file', 'keys.json'];
    const server = startCommand(args, folder);
    await servingPort(server);
    await chmod(path.join(folder, 'keys.json'), 0o644);
    server.process.kill('SIGHUP');
    const refused = 'the new configuration is invalid; the previous configuration stays in effect';
    await until(() => server.output().stdout.includes(refused));
    expect(server.output().stdout).toContain('chmod 600');
    server.process.kill('SIGTERM');
    expect((await server.ended).exitCode).toBe(0);
  });
});
