import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';

import { executeStep, StepError } from '../../lib/provisioner/steps';
import type { LocalWorkloadStatus } from '../../lib/local/local-workload';
import { createAuthority, issueCertificate, type Authority } from '../support/certificates';
import { localProject, type LocalProject } from './support/local-project';

const HOSTNAME = 'scoring.example.com';
const FOLDER = '.cdktf-brainwave/services/scoring';

let project: LocalProject;
let authority: Authority;

beforeEach(async () => {
  project = await localProject();
  authority = await createAuthority({ name: 'Example Root' });
  await writeFile(path.join(project.folder, 'root.pem'), authority.certificate);
});

const fileOf = (name: string) => path.join(project.folder, FOLDER, name);

/** The service as a stack declares it with `SslSettings.fromVariables` or `fromAcme`. */
function specification(port?: number) {
  return project.specification({
    ...(port !== undefined && { port }),
    tls: {
      hostname: HOSTNAME,
      files: {
        certificate: `${FOLDER}/provided-certificate.pem`,
        privateKey: `${FOLDER}/provided-private-key.pem`,
        rootCertificate: 'root.pem',
        allowSelfSigned: false,
      },
    },
  });
}

function servedSerial({ port }: LocalWorkloadStatus): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect(
      { host: '127.0.0.1', port, servername: HOSTNAME, ca: authority.certificate, ALPNProtocols: ['h2'] },
      () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      },
    );
    socket.once('error', reject);
  });
}

it('a certificate that the stack provides as a value is served, and so is the next one without a restart', async () => {
  const service = project.service('scoring');
  const first = await issueCertificate({ names: [HOSTNAME], issuer: authority });
  await service.writeCertificate(first.chain, first.privateKey);
  const before = await service.up(await specification());
  const serial = await servedSerial(before);

  const next = await issueCertificate({ names: [HOSTNAME], issuer: authority });
  await service.writeCertificate(next.chain, next.privateKey);
  const after = await service.up(await specification(before.port));

  expect(after.pid).toBe(before.pid);
  expect(await servedSerial(after)).not.toBe(serial);
  expect((await stat(fileOf('provided-private-key.pem'))).mode & 0o777).toBe(0o600);
});

it('a certificate that is invalid is rejected with its problems, and the former one stays in service', async () => {
  const service = project.service('scoring');
  const first = await issueCertificate({ names: [HOSTNAME], issuer: authority });
  await service.writeCertificate(first.chain, first.privateKey);
  const before = await service.up(await specification());
  const serial = await servedSerial(before);

  const other = await issueCertificate({ names: ['pets.example.com'], issuer: authority });
  await service.writeCertificate(other.chain, first.privateKey);

  await expect(service.up(await specification(before.port))).rejects.toMatchObject({
    code: 'CERTIFICATE_UNUSABLE',
    message: expect.stringMatching(
      /^the certificate of service "scoring" is invalid:\n- .*private key/,
    ) as string,
  });
  expect(await servedSerial(await service.status())).toBe(serial);
});

it('a provided certificate does not stay in the folder once the service has another', async () => {
  const service = project.service('scoring');
  const { chain, privateKey } = await issueCertificate({ names: [HOSTNAME], issuer: authority });
  await service.writeCertificate(chain, privateKey);
  const { port } = await service.up(await specification());

  await service.up(await project.specification({ port }));

  expect(existsSync(fileOf('provided-private-key.pem'))).toBe(false);
  expect(existsSync(fileOf('provided-certificate.pem'))).toBe(false);
});

it('an empty certificate is rejected by the name of what is missing', async () => {
  const step = executeStep('write-workload-certificate', {
    specification: { kind: 'service', name: 'scoring' },
    env: { CDKTF_BRAINWAVE_CERTIFICATE: 'a certificate', CDKTF_BRAINWAVE_PRIVATE_KEY: '' },
    write: () => undefined,
    interruption: () => new AbortController().signal,
  });
  await expect(step).rejects.toThrow(StepError);
  await expect(step).rejects.toThrow(
    'the certificate or the private key of service "scoring" is empty; set its Terraform variables',
  );
});
