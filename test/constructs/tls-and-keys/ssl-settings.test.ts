import { homedir } from 'node:os';

import { TerraformStack, TerraformVariable, Token } from 'cdktf';

import {
  BrainwaveWebservice,
  LocalCompute,
  RegisteredModel,
  Sample,
  SmokeTest,
  SslSettings,
  type PemFilesProps,
} from '../../../constructs';
import {
  createAuthority,
  derOf,
  encryptPrivateKey,
  issueCertificate,
  type Authority,
  type CertificateOptions,
  type IssuedCertificate,
} from '../../support/certificates';
import { refusal } from '../support/messages';
import { replaced, Synthesized } from '../support/synthesized';
import { TestProject } from '../support/test-project';

const DAY = 86_400_000;

let root: Authority;
let intermediate: Authority;
let project: TestProject;

beforeAll(async () => {
  root = await createAuthority({ name: 'Pet Root' });
  intermediate = await createAuthority({ name: 'Pet Issuer', issuer: root });
});

beforeEach(() => {
  project = new TestProject();
});

afterEach(() => {
  project.leave();
});

function issue(options: CertificateOptions = {}): Promise<IssuedCertificate> {
  return issueCertificate({ names: ['pets.example.com'], issuer: intermediate, ...options });
}

/** Writes the files of a certificate and makes settings of them. */
function files(
  { chain, privateKey }: Pick<IssuedCertificate, 'chain' | 'privateKey'>,
  props: Partial<PemFilesProps> = {},
): SslSettings {
  return SslSettings.fromPemFiles({
    certificateFile: project.write('tls/chain.pem', chain),
    privateKeyFile: project.write('tls/key.pem', privateKey),
    rootCertificateFile: project.write('tls/authority.pem', root.root),
    ...props,
  });
}

function declare(ssl: SslSettings, stack: TerraformStack = project.stack()): TerraformStack {
  const model = RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', {
    modelName: 'pets',
    modelVersion: '1',
    localRegistry: 'registry',
  });
  const service = new BrainwaveWebservice(stack, 'Service', { model, ssl, compute: new LocalCompute() });
  new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
  return stack;
}

function refusalOf(ssl: SslSettings): string {
  return refusal(() => declare(ssl));
}

describe('a certificate in PEM files', () => {
  it('is in the JSON only as paths relative to the project', async () => {
    const certificate = await issue();
    const synthesized = new Synthesized(declare(files(certificate)));
    expect(synthesized.steps('Service/Configuration')[0].specification).toMatchObject({
      tls: {
        hostname: 'pets.example.com',
        files: {
          certificate: 'tls/chain.pem',
          privateKey: 'tls/key.pem',
          rootCertificate: 'tls/authority.pem',
          allowSelfSigned: false,
        },
      },
    });
    expect(synthesized.steps('SmokeTest/Run')[0].specification).toMatchObject({
      test: {
        target: { rootCertificateFile: '.cdktf-brainwave/services/stack-service/trusted-roots.pem' },
      },
    });
  });

  it('is found by an absolute path, which does not get into the JSON', async () => {
    const certificate = await issue();
    files(certificate);
    const ssl = SslSettings.fromPemFiles({
      certificateFile: `${project.folder}/tls/chain.pem`,
      privateKeyFile: `${project.folder}/tls/key.pem`,
      rootCertificateFile: `${project.folder}/tls/authority.pem`,
    });
    const { json } = new Synthesized(declare(ssl));
    expect(json).toBe(new Synthesized(declare(files(certificate))).json);
    expect(json).not.toContain(project.folder);
  });

  it('sets the host name of the service to the first name that is not a wildcard', async () => {
    const certificate = await issue({ names: ['*.example.com', 'pets.example.com', 'cats.example.com'] });
    expect(files(certificate).bind(project.stack())).toMatchObject({ hostname: 'pets.example.com' });
  });

  it.each(['pets.example.com', 'PETS.example.com'])(
    'may cover the host name %s by a wildcard',
    async (hostname) => {
      const certificate = await issue({ names: ['*.example.com'] });
      expect(files(certificate, { hostname }).bind(project.stack())).toMatchObject({ hostname });
    },
  );

  it('can be self-signed on request', async () => {
    const { certificate, privateKey } = await issueCertificate({ names: ['pets.localhost'] });
    const ssl = SslSettings.fromPemFiles({
      certificateFile: project.write('own.pem', certificate),
      privateKeyFile: project.write('own-key.pem', privateKey),
      allowSelfSigned: true,
    });
    const synthesized = new Synthesized(declare(ssl));
    expect(synthesized.steps('SmokeTest/Run')[0].specification).toMatchObject({
      test: {
        target: { rootCertificateFile: '.cdktf-brainwave/services/stack-service/trusted-roots.pem' },
      },
    });
  });

  it('is not compared with a host name that is known only at apply', async () => {
    const stack = project.stack();
    const hostname = new TerraformVariable(stack, 'hostname', { type: 'string' }).stringValue;
    const certificate = await issue();
    const synthesized = new Synthesized(declare(files(certificate, { hostname }), stack));
    expect(synthesized.json).toContain('\\"hostname\\":${jsonencode(var.hostname)}');
  });

  it('replaces the configuration and the smoke test when it is renewed, and nothing else', async () => {
    const first = new Synthesized(declare(files(await issue())));
    const renewed = new Synthesized(declare(files(await issue())));
    expect(replaced(first, renewed)).toEqual(['Service/Configuration', 'SmokeTest/Run']);
  });

  it('replaces them when its chain or the roots change, too', async () => {
    const certificate = await issue();
    const first = new Synthesized(declare(files(certificate)));
    const withRoot = { ...certificate, chain: certificate.chain + root.root };
    expect(replaced(first, new Synthesized(declare(files(withRoot))))).toContain('Service/Configuration');
    const other = await createAuthority({ name: 'Other Root' });
    const ssl = files(certificate);
    project.write('tls/authority.pem', root.root + other.root);
    expect(replaced(first, new Synthesized(declare(ssl)))).toContain('Service/Configuration');
  });

  it('leaves the stack unchanged when nothing changes', async () => {
    const certificate = await issue();
    const first = new Synthesized(declare(files(certificate)));
    expect(replaced(first, new Synthesized(declare(files(certificate))))).toEqual([]);
  });

  describe('is rejected', () => {
    const files3 = 'tls/chain.pem, tls/key.pem, tls/authority.pem';

    it('with the path of the construct and the files that it is about', async () => {
      const [one, other] = [await issue(), await issue()];
      expect(refusalOf(files({ chain: one.chain, privateKey: other.privateKey }))).toMatch(
        new RegExp(
          `^stack/Service: cannot use ${files3} for TLS:\n- certificate and private key do not match: `,
        ),
      );
    });

    it('with everything that is wrong at once', async () => {
      const { chain } = await issue({ notAfter: new Date(Date.now() + 5 * DAY) });
      const { privateKey } = await issue();
      expect(refusalOf(files({ chain, privateKey }, { hostname: 'cats.example.com' })).split('\n- ')).toEqual(
        [
          `stack/Service: cannot use ${files3} for TLS:`,
          expect.stringMatching(/^certificate and private key do not match/) as string,
          expect.stringMatching(
            / expires on .+, expected at least 14 days; renew it, or lower minimumDaysToExpiry$/,
          ) as string,
          expect.stringMatching(/^host name cats\.example\.com is not covered by the certificate/) as string,
        ],
      );
    });

    it('when it has expired', async () => {
      const dates = { notBefore: new Date(Date.now() - 30 * DAY), notAfter: new Date(Date.now() - 2 * DAY) };
      expect(refusalOf(files(await issue(dates)))).toMatch(/ expired on .+, \d days? ago; renew it/);
    });

    it('when it expires within the days that are asked for', async () => {
      const certificate = await issue({ notAfter: new Date(Date.now() + 20 * DAY) });
      expect(() => declare(files(certificate))).not.toThrow();
      expect(refusalOf(files(certificate, { minimumDaysToExpiry: 30 }))).toMatch(
        / expires on .+, expected at least 30 days/,
      );
      const soon = await issue({ notAfter: new Date(Date.now() + 10 * DAY) });
      expect(refusalOf(files(soon))).toMatch(/expected at least 14 days/);
      expect(() => declare(files(soon, { minimumDaysToExpiry: 5 }))).not.toThrow();
    });

    it.each([
      ['pets.example.com', 'dogs.example.com'],
      ['*.example.com', 'example.com'],
      ['*.example.com', 'a.pets.example.com'],
      ['*.example.com', 'pets.example.org'],
      ['pets.example.com', '127.0.0.1'],
    ])('when it is for %s and clients call %s', async (name, hostname) => {
      expect(refusalOf(files(await issue({ names: [name] }), { hostname }))).toContain(
        `host name ${hostname} is not covered by the certificate, which is valid for ${name}; `,
      );
    });

    it('if it has only wildcards and no host name is set', async () => {
      expect(refusalOf(files(await issue({ names: ['*.example.com'] })))).toBe(
        'stack/Service: the certificate covers only *.example.com; set hostname to the name that clients call',
      );
    });

    it('when it names no host', async () => {
      expect(refusalOf(files(await issue({ names: [] })))).toBe(
        'stack/Service: the certificate tls/chain.pem has no Subject Alternative Names, expected a host name; ' +
          'reissue it with the host name that clients call',
      );
    });

    it('when its chain is out of order', async () => {
      const other = await createAuthority({ name: 'Pet Sub-issuer', issuer: intermediate });
      const { certificate, privateKey } = await issue({ issuer: other });
      const chain = certificate + intermediate.certificate + other.certificate;
      expect(refusalOf(files({ chain, privateKey }))).toContain('certificate chain is out of order');
    });

    it('when its chain is incomplete', async () => {
      const { certificate, privateKey } = await issue();
      expect(refusalOf(files({ chain: certificate, privateKey }))).toContain(
        'certificate chain is incomplete',
      );
    });

    it('when the given roots have not issued it', async () => {
      const other = await createAuthority({ name: 'Other Root' });
      const rootCertificateFile = project.write('tls/other.pem', other.root);
      expect(refusalOf(files(await issue(), { rootCertificateFile }))).toContain(
        'certificate chain is incomplete',
      );
    });

    it('if it is self-signed without permission', async () => {
      const { certificate, privateKey } = await issueCertificate({ names: ['pets.localhost'] });
      const ssl = SslSettings.fromPemFiles({
        certificateFile: project.write('own.pem', certificate),
        privateKeyFile: project.write('own-key.pem', privateKey),
      });
      expect(refusalOf(ssl)).toMatch(/cannot use own\.pem, own-key\.pem for TLS:\n- .+ is self-signed/);
    });

    it('when a file is not PEM, without showing what it holds', async () => {
      const certificate = await issue();
      expect(refusalOf(files({ ...certificate, chain: 'a certificate, I was told' }))).toMatch(
        /got text that is not PEM/,
      );
      const key = refusalOf(files({ ...certificate, privateKey: 'pa55word' }));
      expect(key).toContain('private key is unusable: got text that is not PEM');
      expect(key).not.toContain('pa55word');
      const der = project.write('tls/chain.der', derOf(certificate.chain));
      expect(refusalOf(files(certificate, { certificateFile: der }))).toContain('DER (binary)');
      const swapped = { chain: certificate.privateKey, privateKey: certificate.chain };
      expect(refusalOf(files(swapped))).toMatch(/private key is unusable: got a certificate/);
      const broken = project.write('tls/broken.pem', 'none');
      expect(refusalOf(files(certificate, { rootCertificateFile: broken }))).toContain(
        'rootCertificateFile: ',
      );
    });

    it('when its key has a passphrase', async () => {
      const certificate = await issue();
      const privateKey = encryptPrivateKey(certificate.privateKey);
      expect(refusalOf(files({ ...certificate, privateKey }))).toContain('private key is encrypted');
    });

    it.each(['certificateFile', 'privateKeyFile', 'rootCertificateFile'] as const)(
      'when the %s is missing',
      async (what) => {
        expect(refusalOf(files(await issue(), { [what]: 'tls/none.pem' }))).toBe(
          `stack/Service: ${what} is tls/none.pem, which does not exist; set a path relative to the working directory`,
        );
      },
    );

    it('when a path is known only at apply', async () => {
      const later = Token.asString({ resolve: () => 'later' });
      expect(refusalOf(files(await issue(), { privateKeyFile: later }))).toBe(
        'stack/Service: privateKeyFile is a token that is resolved only at apply, but its value is needed at synth; ' +
          'pass a literal string',
      );
    });
  });
});

describe('a self-signed certificate', () => {
  it.each(['', 'https://pets.localhost', 'pets.localhost:443', '*.localhost', 'a b'])(
    'is rejected for "%s"',
    (hostname) => {
      expect(refusalOf(SslSettings.selfSigned({ hostname }))).toBe(
        `stack/Service: hostname is "${hostname}"; expected the name or IP address that ` +
          'clients call, such as scoring.localhost, without a scheme, port or wildcard',
      );
    },
  );

  it.each([0, -5, 1.5, 3651])('is rejected for %d days', (validityDays) => {
    expect(refusalOf(SslSettings.selfSigned({ hostname: 'pets.localhost', validityDays }))).toBe(
      `stack/Service: validityDays is ${validityDays}; expected a whole number from 1 to 3650`,
    );
  });

  it.each(['pets.localhost', '127.0.0.1', '::1', 'bücher.localhost'])('is made for %s', (hostname) => {
    expect(SslSettings.selfSigned({ hostname }).bind(project.stack())).toEqual({
      hostname,
      selfSigned: { validityDays: 365 },
    });
  });
});

describe('what is synthesized', () => {
  it('contains no key, no certificate and no path of this machine', async () => {
    const certificate = await issue();
    const stack = declare(files(certificate));
    const { json } = new Synthesized(stack);
    const bodies = [certificate.privateKey, certificate.chain, root.root].map((pem) =>
      pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----')),
    );
    for (const line of bodies.flat()) {
      expect(json).not.toContain(line);
    }
    expect(json).not.toMatch(/BEGIN|PRIVATE KEY/);
    for (const folder of [project.folder, `${homedir()}/`, __dirname]) {
      expect(json).not.toContain(folder);
    }
    expect(json).not.toMatch(/"\/|\\"\//);
  });
});
