import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { createAuthority, issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { freePort } from '../support/free-port';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

/** Pebble, which ends with the test. */
export class PebbleAuthority {
  /** @param nameserver DNS server in which it looks up challenges, as `host:port` */
  static async start(nameserver: string): Promise<PebbleAuthority> {
    const { path: folder, remove } = await temporaryFolder();
    afterwards(remove);
    const [acme, management] = await Promise.all([freePort(), freePort()]);
    const root = await createAuthority({ name: 'Pebble' });
    const { chain, privateKey } = await issueCertificate({ names: ['127.0.0.1'], issuer: root });
    const write = (name: string, content: string) => {
      const file = path.join(folder, name);
      writeFileSync(file, content, { mode: 0o600 });
      return file;
    };
    const pebble = {
      listenAddress: `127.0.0.1:${acme}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate: write('chain.pem', chain),
      privateKey: write('key.pem', privateKey),
      httpPort: 5002,
      tlsPort: 5001,
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
    };
    const child = spawn(
      'pebble',
      ['-config', write('pebble.json', JSON.stringify({ pebble })), '-dnsserver', nameserver],
      {
        // Without them, it waits for seconds and rejects some requests, as clients must expect.
        env: {
          ...process.env,
          PEBBLE_VA_NOSLEEP: '1',
          PEBBLE_WFE_NONCEREJECT: '0',
          PEBBLE_AUTHZREUSE: '0',
        },
        stdio: 'ignore',
      },
    );
    afterwards(() => end(child));
    const get = (port: number, file: string) =>
      getText(`https://127.0.0.1:${port}/${file}`, root.certificate).catch(() => undefined);
    await until(async () => (await get(acme, 'dir')) !== undefined);
    return new PebbleAuthority(
      child,
      `https://127.0.0.1:${acme}/dir`,
      (await get(management, 'roots/0')) ?? '',
      { LEGO_CA_CERTIFICATES: write('root.pem', root.certificate) },
    );
  }

  private constructor(
    private readonly child: ChildProcess,
    readonly directoryUrl: string,
    /** PEM of the root of the certificates that it issues. */
    readonly rootCertificate: string,
    /** Variables with which Terraform reaches it. */
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Ends it: nothing answers at its address any more. */
  async stop(): Promise<void> {
    await end(this.child);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill();
    await ended;
  }
}

function getText(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    https
      .get(url, { ca }, (response) => {
        text(response).then(resolve, reject);
      })
      .once('error', reject);
  });
}
