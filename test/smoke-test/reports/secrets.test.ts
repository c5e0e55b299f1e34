import { readFileSync, writeFileSync } from 'node:fs';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { runSmokeTest } from '../../../lib/smoke-test';
import { githubAnnotations, githubSummary } from '../../../lib/smoke-test/reports/github';
import { TextReport } from '../../../lib/smoke-test/reports/text';
import { REPORT_FORMATS } from '../../../lib/smoke-test/reports/report-format';
import { writeReports } from '../../../lib/smoke-test/reports/write-reports';
import type { SmokeTestReport } from '../../../lib/smoke-test/smoke-test-report';
import { imageFile, startSampleService } from '../../client/sample-service';
import { issueCertificate } from '../../support/certificates';
import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';
import { problemsOf } from './published-schema';

const KEY = 'q3Hc7T_key-of-the-secrets-test_9zLw';

let folder: string;

beforeEach(async () => {
  const made = await temporaryFolder();
  afterwards(made.remove);
  folder = made.path;
});

/** Tests a service and shows all that a user gets to see of it, in every format. */
async function everythingShown(
  target: Omit<Parameters<typeof runSmokeTest>[0]['target'], 'tls' | 'rootCertificateFile'>,
  sample: string,
  certificate: string | Uint8Array,
): Promise<{ report: SmokeTestReport; shown: string }> {
  const rootCertificateFile = path.join(folder, 'root.pem');
  writeFileSync(rootCertificateFile, certificate);
  const shown: string[] = [];
  const text = new TextReport({ write: (lines) => shown.push(lines), width: 80, color: true });
  const report = await runSmokeTest({
    target: { ...target, rootCertificateFile },
    samples: [{ path: sample }],
    readyTimeoutSeconds: 2,
    onEvent: (event) => {
      shown.push(JSON.stringify(event));
      text.onEvent(event);
    },
  });
  text.finish(report);
  const outputs = REPORT_FORMATS.map((format) => ({ format, file: path.join(folder, `report.${format}`) }));
  await writeReports(report, outputs);
  // These are reports of real services: what is published of their format holds for them.
  expect(problemsOf(JSON.parse(readFileSync(path.join(folder, 'report.json'), 'utf8')))).toEqual([]);
  shown.push(...outputs.map(({ file }) => readFileSync(file, 'utf8')));
  shown.push(githubAnnotations(report), githubSummary(report), JSON.stringify(report));
  return { report, shown: shown.join('\n') };
}

/** Every piece of the key that is long enough to be of use to somebody. */
function piecesOfKey(key: string): string[] {
  return Array.from({ length: key.length - 7 }, (_, at) => key.slice(at, at + 8));
}

function expectNoKey(shown: string, key: string): void {
  expect(piecesOfKey(key).filter((piece) => shown.includes(piece))).toEqual([]);
}

async function httpServer(
  answer: (authorization: string) => { status: number; body: string },
): Promise<{ server: Server; certificate: string | Uint8Array; port: number }> {
  const { certificate, privateKey } = await issueCertificate({ names: ['localhost', '127.0.0.1'] });
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const { status, body } = answer(request.headers.authorization ?? '');
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, certificate, port: (server.address() as AddressInfo).port };
}

describe('a key', () => {
  it('is in no report of a service that checks it', async () => {
    const service = await startSampleService({ keys: { primaryKey: KEY, secondaryKey: `${KEY}-2` } });
    afterwards(() => service.close());
    const target = { host: '127.0.0.1', port: service.server.port, key: KEY };
    const { report, shown } = await everythingShown(
      target,
      imageFile('chelsea.png'),
      service.certificate.certificate,
    );
    expect(report.failure).toBeUndefined();
    expect(shown).toContain('class 282');
    expectNoKey(shown, KEY);
  });

  it('is in no report of an endpoint that answers with what it was sent', async () => {
    const { certificate, port } = await httpServer((authorization) =>
      authorization.endsWith(KEY)
        ? { status: 200, body: JSON.stringify({ headers: { authorization } }) }
        : { status: 401, body: '' },
    );
    const request = path.join(folder, 'request.json');
    writeFileSync(request, '{}');
    const { report, shown } = await everythingShown(
      { protocol: 'http', host: '127.0.0.1', port, key: KEY },
      request,
      certificate,
    );
    expect(report.samples[0]?.answer).toBe('{"headers":{"authorization":"Bearer [key]"}}');
    expectNoKey(shown, KEY);
  });

  it.each([401, 500, 503])(
    'is in no report of a proxy that says %d with what it was sent',
    async (status) => {
      const { certificate, port } = await httpServer((authorization) => ({
        status,
        // The key lies where messages are cut, so that half of it would be left.
        body: `<html>${' refused '.repeat(31)}${authorization}${'.'.repeat(200)}</html>`,
      }));
      const request = path.join(folder, 'request.json');
      writeFileSync(request, '{}');
      const { report, shown } = await everythingShown(
        { protocol: 'http', host: '127.0.0.1', port, key: KEY },
        request,
        certificate,
      );
      expect(report.passed).toBe(false);
      expectNoKey(shown, KEY);
    },
  );

  it('is in no report of a service over gRPC whose errors echo the request', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: ['127.0.0.1'] });
    const server: Http2SecureServer = createSecureServer({ cert: certificate, key: privateKey });
    server.on('stream', (stream, headers) => {
      stream.respond(
        {
          ':status': 200,
          'content-type': 'application/grpc',
          'grpc-status': '16',
          'grpc-message': `you are not "${headers.authorization ?? ''}"`,
        },
        { endStream: true },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    afterwards(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { report, shown } = await everythingShown(
      { host: '127.0.0.1', port, key: KEY },
      imageFile('chelsea.png'),
      certificate,
    );
    expect(report.passed).toBe(false);
    expect(shown).toContain('you are not');
    expectNoKey(shown, KEY);
  });
});
