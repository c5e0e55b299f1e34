import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { createAuthority, issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { freePort, listenOn } from '../support/free-port';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

/** A request of lego's DNS provider `httpreq`. */
interface RecordRequest {
  readonly fqdn: string;
  readonly value: string;
}

/** Pebble with a DNS server of its own, in which the provider's challenges become records. All of it ends with the test. */
export class PebbleAuthority {
  static async start(): Promise<PebbleAuthority> {
    const { path: folder, remove } = await temporaryFolder();
    afterwards(remove);
    const [acme, management, dns, dnsManagement] = await Promise.all([
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
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
    const nameserver = `127.0.0.1:${dns}`;
    const names = run('pebble-challtestsrv', [
      ...['-dns01', nameserver, '-management', `127.0.0.1:${dnsManagement}`],
      ...['-http01', '', '-https01', '', '-tlsalpn01', ''],
    ]);
    const authority = run(
      'pebble',
      ['-config', write('pebble.json', JSON.stringify({ pebble })), '-dnsserver', nameserver],
      // Without them, it waits for seconds and rejects some requests, as clients must expect.
      { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' },
    );
    const get = (port: number, file: string) =>
      getText(`https://127.0.0.1:${port}/${file}`, root.certificate).catch(() => undefined);
    await until(async () => (await get(acme, 'dir')) !== undefined);
    const records = new ChallengeRecords(`http://127.0.0.1:${dnsManagement}`);
    return new PebbleAuthority({
      directoryUrl: `https://127.0.0.1:${acme}/dir`,
      nameserver,
      rootCertificate: (await get(management, 'roots/0')) ?? '',
      environment: {
        LEGO_CA_CERTIFICATES: write('root.pem', root.certificate),
        HTTPREQ_ENDPOINT: await records.listen(),
      },
      records,
      stop: async () => {
        await Promise.all([end(authority), end(names)]);
      },
    });
  }

  readonly directoryUrl: string;
  /** DNS server with the records of the challenges. */
  readonly nameserver: string;
  /** PEM of the root of the certificates that it issues. */
  readonly rootCertificate: string;
  /** Variables with which Terraform reaches it. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ends it: nothing answers at its address any more. */
  readonly stop: () => Promise<void>;
  private readonly records: ChallengeRecords;

  private constructor(
    parts: Pick<
      PebbleAuthority,
      'directoryUrl' | 'nameserver' | 'rootCertificate' | 'environment' | 'stop'
    > & { records: ChallengeRecords },
  ) {
    this.directoryUrl = parts.directoryUrl;
    this.nameserver = parts.nameserver;
    this.rootCertificate = parts.rootCertificate;
    this.environment = parts.environment;
    this.stop = parts.stop;
    this.records = parts.records;
  }

  /** From now on, records have another value than the challenge asks for. */
  forgeRecords(): void {
    this.records.isForged = true;
  }
}

/** The endpoint that lego's DNS provider `httpreq` calls, in front of the DNS server. */
class ChallengeRecords {
  isForged = false;

  constructor(private readonly dnsManagement: string) {}

  async listen(): Promise<string> {
    const server = createServer((request, response) => {
      this.change(request).then(
        () => response.end(),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    const port = await listenOn(server, 0);
    afterwards(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${port}`;
  }

  private async change(request: IncomingMessage): Promise<void> {
    const { fqdn: host, value } = JSON.parse(await text(request)) as RecordRequest;
    const isPresent = request.url === '/present';
    const response = await fetch(`${this.dnsManagement}/${isPresent ? 'set-txt' : 'clear-txt'}`, {
      method: 'POST',
      body: JSON.stringify(isPresent ? { host, value: this.isForged ? 'forged' : value } : { host }),
    });
    if (!response.ok) {
      throw new Error(`the DNS server answered ${response.status}`);
    }
  }
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  afterwards(() => end(child));
  return child;
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
