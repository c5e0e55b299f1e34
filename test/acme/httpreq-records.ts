import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import { afterwards } from '../support/cleanup';
import { listenOn } from '../support/free-port';
import { startNameserver } from './nameserver';

/** A request of lego's DNS provider `httpreq`. */
interface RecordRequest {
  readonly fqdn: string;
  readonly value: string;
}

/** Endpoint that lego's DNS provider `httpreq` calls, and a DNS server with its records. Both end with the test. */
export class HttpreqRecords {
  static async start(): Promise<HttpreqRecords> {
    const records = new Map<string, string>();
    const nameserver = await startNameserver((name) => {
      const value = records.get(name);
      return value === undefined ? [] : [value];
    });
    const server = createServer((request, response) => {
      started.change(request).then(
        () => response.end(),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    const port = await listenOn(server, 0);
    afterwards(() => {
      server.closeAllConnections();
      server.close();
    });
    const started = new HttpreqRecords(records, nameserver, {
      HTTPREQ_ENDPOINT: `http://127.0.0.1:${port}`,
    });
    return started;
  }

  private isForged = false;

  private constructor(
    private readonly records: Map<string, string>,
    /** DNS server with the records, as `host:port`. */
    readonly nameserver: string,
    /** Variables with which Terraform reaches the endpoint. */
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** From now on, records have another value than the challenge asks for. */
  forge(): void {
    this.isForged = true;
  }

  private async change(request: IncomingMessage): Promise<void> {
    const { fqdn, value } = JSON.parse(await text(request)) as RecordRequest;
    const name = fqdn.toLowerCase().replace(/\.$/, '');
    if (request.url === '/present') {
      this.records.set(name, this.isForged ? 'forged' : value);
    } else {
      this.records.delete(name);
    }
  }
}
