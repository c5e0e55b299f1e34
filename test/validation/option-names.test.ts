import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { findService } from '../../lib/cli/service-flags';
import { smokeTestOptions } from '../../lib/cli/smoke-test-flags';
import { PredictionClient } from '../../lib/client';
import { messageOf } from '../../lib/errors/brainwave-error';
import { stackOptionNames } from '../../lib/smoke-test/stack-option-names';
import { runSmokeTest, type SmokeTestOptions } from '../../lib/smoke-test';
import { fileWith } from '../smoke-test/checks/run';
import { afterwards } from '../support/cleanup';
import { symptoms, type BrokenService } from '../troubleshooting/symptoms';

const lib = path.resolve(__dirname, '../../lib');

/**
 * Calls a service as a user would. Returns the message that the user gets. A broken service fails the call at once: the time limits
 * are for slow machines.
 */
type Caller = (service: BrokenService) => Promise<string>;

async function failedTest(options: SmokeTestOptions): Promise<string> {
  const { failure } = await runSmokeTest({ ...options, readyTimeoutSeconds: 20, warmCalls: { count: 0 } });
  return failure?.message ?? '';
}

async function optionsOf({ host, port, tls, rootCertificate }: BrokenService): Promise<SmokeTestOptions> {
  return {
    target: {
      host,
      port,
      plaintext: !tls,
      ...(rootCertificate !== undefined && {
        rootCertificateFile: await fileWith('root.pem', rootCertificate),
      }),
    },
    samples: [{ path: await fileWith('image.jpg', 'image') }],
  };
}

async function failedCall(options: ConstructorParameters<typeof PredictionClient>[0]): Promise<string> {
  const client = new PredictionClient({ ...options, connectTimeoutMs: 10_000, retry: { maxAttempts: 1 } });
  afterwards(() => {
    client.close();
  });
  return client.predictImage(Buffer.from('image')).then(() => '', messageOf);
}

async function flagsOf(service: BrokenService) {
  const { target } = await optionsOf(service);
  return {
    address: `${service.host}:${service.port}`,
    plaintext: service.tls ? undefined : (true as const),
    rootCertificateFile: target.rootCertificateFile,
  };
}

const callers: Readonly<Record<string, Caller>> = {
  'code with a client': ({ host, port, tls, rootCertificate }) =>
    failedCall({ address: `${host}:${port}`, plaintext: !tls, rootCertificates: rootCertificate }),
  'the command score': async (service) => {
    const flags = { ...(await flagsOf(service)), callTimeoutSeconds: 5 };
    const { clientOptions } = await findService(flags, () => Promise.reject(new Error('none is local')));
    return failedCall(clientOptions);
  },
  'code with a smoke test': async (service) => failedTest(await optionsOf(service)),
  'the command smoke-test': async (service) => {
    const { samples } = await optionsOf(service);
    return failedTest(await smokeTestOptions([samples[0].path], await flagsOf(service)));
  },
  'a file of the command smoke-test': async (service) => {
    const file = await fileWith('test.json', JSON.stringify(await optionsOf(service)));
    return failedTest(await smokeTestOptions([], { file }));
  },
  'a stack whose test is a Job in the cluster': async (service) => {
    const file = await fileWith('test.json', JSON.stringify(await optionsOf(service)));
    return failedTest(await smokeTestOptions([], { file, inStack: true }));
  },
  'a stack': async (service) => failedTest({ ...(await optionsOf(service)), optionNames: stackOptionNames }),
};

const IN_STACK = [
  'rootCertificateFile of SslSettings',
  'hostname of SslSettings',
  '--client-certificate-file and --client-key-file of cdktf-brainwave smoke-test',
  'SslSettings.disabled()',
];

/** What users of each kind set to fix a service that is broken in one way. */
const remedies: Readonly<Record<string, readonly string[]>> = {
  'code with a client': ['rootCertificates', 'serverName', 'clientCertificate', 'plaintext'],
  'the command score': [
    '--root-certificate-file',
    '--server-name',
    'clientCertificate of PredictionClient',
    '--plaintext',
  ],
  'code with a smoke test': [
    'target.rootCertificateFile',
    'target.serverName',
    'target.clientCertificateFile and target.clientKeyFile',
    'target.plaintext',
  ],
  'the command smoke-test': [
    '--root-certificate-file',
    '--server-name',
    '--client-certificate-file and --client-key-file',
    '--plaintext',
  ],
  'a file of the command smoke-test': [
    'target.rootCertificateFile',
    'target.serverName',
    'target.clientCertificateFile and target.clientKeyFile',
    'target.plaintext',
  ],
  'a stack whose test is a Job in the cluster': IN_STACK,
  'a stack': IN_STACK,
};

describe.each(Object.entries(callers))('a message for %s names what that user sets', (user, call) => {
  const [rootCertificates, serverName, clientCertificate, plaintext] = remedies[user];

  it.each([
    ['self-signed certificate', `trust it with ${rootCertificates}, or set GRPC_DEFAULT_SSL_ROOTS_FILE_PATH`],
    ['certificate for other names', `set ${serverName} to such a name, reissue it`],
    ['client certificate required', `; set ${clientCertificate}`],
    ['TLS to a plaintext port', `or use ${plaintext} to call it without encryption`],
    ['plaintext to a TLS port', `; remove ${plaintext} to call it with TLS`],
  ])('about: %s', async (symptom, remedy) => {
    const service = await symptoms[symptom]();
    afterwards(() => service.close());
    expect(await call(service)).toContain(remedy);
  });
});

describe('the messages in lib', () => {
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );

  /** The texts between quotes in the lines of a source file that are no comments. */
  function texts(file: string): string[] {
    const code = readFileSync(path.join(lib, file), 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$/gm, '');
    return [...code.matchAll(/(['"`])((?:\\.|(?!\1).)*)\1/g)].map(([, , text]) => text);
  }

  /** Texts of several words that match a pattern, with their file. */
  function sentences(pattern: RegExp, except: RegExp): string[] {
    return files
      .filter((file) => !except.test(file))
      .flatMap((file) =>
        texts(file)
          .filter((text) => text.includes(' ') && pattern.test(text))
          .map((text) => `${file}: ${text}`),
      );
  }

  it('name a flag only where the command reports: other layers ask their caller', () => {
    const flags = files
      .filter((file) => file.startsWith('cli/'))
      .flatMap(texts)
      .flatMap((text) => /^(?:-\w, )?--([a-z][a-z-]+)(?: <|$)/.exec(text)?.[1] ?? []);
    expect(flags).toEqual(expect.arrayContaining(['root-certificate-file', 'server-name', 'config']));
    const pattern = new RegExp(`--(?:${flags.join('|')})\\b`);
    // The first two report to nobody but users of the command, the third names it.
    const reporting =
      /^(cli|doctor|playground)\/|^smoke-test\/target-from-outputs\.ts$|^smoke-test\/stack-option-names\.ts$/;
    expect(sentences(pattern, reporting)).toEqual([]);
  });

  it('name the properties of stages, and fields of service_def.json only if that file is invalid', () => {
    const pattern = /\b(input_tensor|output_tensors?|output_tensors?_dims)\b/;
    const reading = /^service-definition\/(service-definition-json\.ts|azure-ml-sdk\/)/;
    expect(sentences(pattern, reading)).toEqual([]);
  });
});
