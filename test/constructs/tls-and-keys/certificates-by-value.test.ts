import { TerraformOutput, TerraformVariable, type TerraformStack, type TerraformVariableConfig } from 'cdktf';
import { Construct } from 'constructs';

import {
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  SslSettings,
  type KeyVaultCertificateProps,
  type PemFilesProps,
} from '../../../constructs';
import { provideCertificate } from '../../../constructs/tls-and-keys/provided-certificate';
import { createAuthority, issueCertificate } from '../../support/certificates';
import { refusal } from '../support/messages';
import { Synthesized } from '../support/synthesized';
import { TestProject } from '../support/test-project';

const VAULT_ID = '/subscriptions/s/resourceGroups/scoring/providers/Microsoft.KeyVault/vaults/pets';

let project: TestProject;
let stack: TerraformStack;
let service: Construct;

beforeEach(() => {
  project = new TestProject();
  stack = project.stack();
  service = new Construct(stack, 'Service');
});

afterEach(() => {
  project.leave();
});

const secret = (name: string, config: TerraformVariableConfig = { sensitive: true }) =>
  new TerraformVariable(stack, name, { type: 'string', ...config });

describe('a certificate from variables', () => {
  const bind = (
    certificate: TerraformVariable,
    privateKey: TerraformVariable,
    hostname = 'scoring.example.com',
  ) => SslSettings.fromVariables({ certificate, privateKey, hostname }).bind(service);

  it('is the two values and the name that clients check', () => {
    const { hostname, pem } = bind(secret('certificate'), secret('private_key')) ?? {};
    expect(hostname).toBe('scoring.example.com');
    new TerraformOutput(stack, 'chain', { value: pem?.certificate, staticId: true });
    new TerraformOutput(stack, 'key', { value: pem?.privateKey, staticId: true });
    expect(new Synthesized(stack).outputs).toMatchObject({
      chain: { value: '${sensitive(var.certificate)}' },
      key: { value: '${sensitive(var.private_key)}' },
    });
  });

  it('can be from a private authority, whose root certificates the smoke test reads from a file', async () => {
    const { certificate } = await createAuthority({ name: 'Example Root' });
    const ssl = SslSettings.fromVariables({
      certificate: secret('certificate'),
      privateKey: secret('private_key'),
      hostname: 'scoring.example.com',
      rootCertificateFile: project.write('certificates/root.pem', certificate),
    });
    expect(ssl.bind(service)).toMatchObject({ rootCertificateFile: 'certificates/root.pem' });
  });

  it('is rejected where Terraform would print it, or the JSON would hold it', () => {
    const good = secret('good');
    expect(refusal(() => bind(secret('certificate', {}), good))).toBe(
      'stack/Service: the variable of certificate ("certificate") is not sensitive, so ' +
        'Terraform would print the certificate; set sensitive: true',
    );
    expect(refusal(() => bind(good, secret('key', { sensitive: true, default: 'x' })))).toBe(
      'stack/Service: the variable of privateKey ("key") has a default, which the synthesized JSON would contain; remove it',
    );
  });

  it('is rejected for an invalid host name', () => {
    expect(refusal(() => bind(secret('a'), secret('b'), 'https://scoring.example.com'))).toBe(
      'stack/Service: hostname is "https://scoring.example.com"; expected the name or IP address that ' +
        'clients call, such as scoring.example.com, without a scheme, port or wildcard',
    );
  });

  it('is rejected with invalid root certificates', () => {
    const ssl = SslSettings.fromVariables({
      certificate: secret('certificate'),
      privateKey: secret('private_key'),
      hostname: 'scoring.example.com',
      rootCertificateFile: project.write('root.pem', 'not a certificate'),
    });
    expect(refusal(() => ssl.bind(service))).toMatch(
      /^stack\/Service: certificate is unusable: got text that is not PEM/,
    );
  });
});

describe('a certificate of a Key Vault', () => {
  const bind = (props: Partial<KeyVaultCertificateProps> = {}) =>
    SslSettings.fromKeyVaultCertificate({
      keyVaultId: VAULT_ID,
      certificateName: 'scoring',
      hostname: 'scoring.example.com',
      ...props,
    }).bind(service);

  it('is found by the name of the vault', () => {
    expect(bind()).toEqual({
      hostname: 'scoring.example.com',
      keyVault: {
        keyVaultId: VAULT_ID,
        keyVaultUri: 'https://pets.vault.azure.net/',
        certificateName: 'scoring',
      },
    });
  });

  it('is found in a vault of another cloud', () => {
    expect(bind({ keyVaultUri: 'https://pets.vault.azure.cn' })?.keyVault?.keyVaultUri).toBe(
      'https://pets.vault.azure.cn/',
    );
  });

  it('is found in a vault that is known only at apply', () => {
    const keyVaultId = new TerraformVariable(stack, 'vault', { type: 'string' }).stringValue;
    const uri = bind({ keyVaultId })?.keyVault?.keyVaultUri ?? '';
    expect(uri).toMatch(/^https:\/\/.+\.vault\.azure\.net\/$/);
  });

  it.each([
    [
      { keyVaultId: 'pets' },
      `keyVaultId is "pets"; expected a vault's ARM id, such as ` +
        '/subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/my-vault',
    ],
    [{ certificateName: 'a_b' }, 'certificateName is "a_b"; expected 1 to 127 letters, digits and "-"'],
  ])('is rejected with %j', (props, message) => {
    expect(refusal(() => bind(props))).toBe(`stack/Service: ${message}`);
  });
});

describe('a compute on Azure', () => {
  const provide = (ssl: SslSettings) => provideCertificate(service, ssl.bind(service)!);

  it('gets the values of files, read by Terraform where they lie', async () => {
    const root = await createAuthority({ name: 'Example Root' });
    const { chain, privateKey } = await issueCertificate({ names: ['scoring.example.com'], issuer: root });
    const ssl = SslSettings.fromPemFiles({
      certificateFile: project.write('tls/chain.pem', chain),
      privateKeyFile: project.write('tls/key.pem', privateKey),
      rootCertificateFile: project.write('tls/root.pem', root.certificate),
    });
    expect(provide(ssl)).toEqual({
      certificate: '${sensitive(file("${path.module}/../../../tls/chain.pem"))}',
      privateKey: '${sensitive(file("${path.module}/../../../tls/key.pem"))}',
      revision: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('learns which roots clients must trust in addition to the public ones', async () => {
    const root = await createAuthority({ name: 'Example Root' });
    const issued = await issueCertificate({ names: ['scoring.example.com'], issuer: root });
    const selfSigned = await issueCertificate({ names: ['scoring.example.com'] });
    const rootsOf = (certificate: string, privateKey: string, props: Partial<PemFilesProps> = {}) =>
      SslSettings.fromPemFiles({
        certificateFile: project.write('tls/chain.pem', certificate),
        privateKeyFile: project.write('tls/key.pem', privateKey),
        ...props,
      }).bind(service)?.rootCertificateFile;

    const rootCertificateFile = project.write('tls/root.pem', root.certificate);
    expect(rootsOf(issued.chain, issued.privateKey, { rootCertificateFile })).toBe('tls/root.pem');
    const { certificate, privateKey } = selfSigned;
    expect(rootsOf(certificate, privateKey, { allowSelfSigned: true })).toBe('tls/chain.pem');
  });

  it('gets no values where the certificate is in a vault', () => {
    const ssl = SslSettings.fromKeyVaultCertificate({
      keyVaultId: VAULT_ID,
      certificateName: 'scoring',
      hostname: 'scoring.example.com',
    });
    expect(provide(ssl)).toBeUndefined();
  });
});

it('a local compute names the certificates that it can serve with', () => {
  const model = new RegisteredModel(stack, 'Model', {
    workspace: new LocalWorkspace(stack, 'Workspace'),
    name: 'pets',
    serviceDefinition: project.definition(),
  });
  const ssl = SslSettings.fromKeyVaultCertificate({
    keyVaultId: VAULT_ID,
    certificateName: 'scoring',
    hostname: 'scoring.example.com',
  });
  expect(
    refusal(() => new BrainwaveWebservice(stack, 'Local', { model, ssl, compute: new LocalCompute() })),
  ).toBe(
    'stack/Local: LocalCompute does not support certificates from a Key Vault or a platform; ' +
      'use SslSettings.selfSigned, fromPemFiles, fromVariables or fromAcme',
  );
});
