import { createHash } from 'node:crypto';

import { Token, type TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { certificateSummary, checkCertificate, parseCertificateChain, parseHostname } from '../../lib/tls';
import type { KnownKeys } from '../../lib/validation/known-keys';
import {
  ACME_CERTIFICATE_OPTIONS,
  AcmeCertificate,
  type AcmeCertificateOptions,
} from '../acme/acme-certificate';
import { keyVaultUri, requireKeyVaultId, requireSecretName } from '../azure/key-vault-id';
import { projectPath } from '../terraform/project-files';
import { ConstructError, withConstructPath, requireKnownProps } from '../validation/construct-error';
import { readInputFile } from '../validation/input-file';
import { requireNumber } from '../validation/synth-value';
import { requireSecretVariable, sensitiveToken } from '../terraform/secret-value';

/** A certificate that the compute generates. */
export interface SelfSignedConfiguration {
  readonly validityDays: number;
}

/** PEM files, relative to the project's folder. Read at apply. */
export interface PemFilesConfiguration {
  readonly certificate: string;
  readonly privateKey: string;
  /** @default - clients trust the public root certificates */
  readonly rootCertificate?: string | undefined;
  readonly allowSelfSigned: boolean;
  /** SHA-256 of all certificates, which are public. It changes with the certificate, its chain or the roots. */
  readonly fingerprint: string;
}

/** A certificate and its private key as Terraform values. */
export interface PemConfiguration {
  /** PEM: the server certificate, followed by the intermediate certificates. A sensitive token. */
  readonly certificate: string;
  /** PEM. A sensitive token. */
  readonly privateKey: string;
}

/** A certificate in an Azure Key Vault. The machines that use it read it from the vault, at boot and after a renewal. */
export interface KeyVaultCertificateConfiguration {
  /** ARM id of the vault. */
  readonly keyVaultId: string;
  /** `https://<vault>.vault.azure.net/`. */
  readonly keyVaultUri: string;
  readonly certificateName: string;
}

/** TLS settings as passed to a compute. Exactly one of the sources is set. */
export interface SslConfiguration {
  /**
   * Host name that clients check the certificate against.
   * @default - that of the platform, whose certificate is used (`managed`)
   */
  readonly hostname?: string | undefined;
  /**
   * Whether the platform that runs the service issues the certificate and renews it.
   * @default false
   */
  readonly managed?: boolean | undefined;
  /** @default - the certificate has another source */
  readonly selfSigned?: SelfSignedConfiguration | undefined;
  /** @default - the certificate has another source */
  readonly files?: PemFilesConfiguration | undefined;
  /** @default - the certificate has another source */
  readonly pem?: PemConfiguration | undefined;
  /** @default - the certificate has another source */
  readonly keyVault?: KeyVaultCertificateConfiguration | undefined;
  /**
   * PEM file, relative to the project's folder: root certificates that clients trust in addition to the public ones.
   * @default - only the public root certificates, or the certificate that the compute generates (`selfSigned`)
   */
  readonly rootCertificateFile?: string | undefined;
}

/** Properties of a certificate that is generated at apply. */
export interface SelfSignedProps {
  /** Host name that clients check the certificate against. */
  readonly hostname: string;
  /**
   * Validity of the certificate in days, up to 3650. An apply that changes the service renews the certificate if fewer
   * than 14 days are left.
   * @default 365
   */
  readonly validityDays?: number | undefined;
}

const SELF_SIGNED_PROPS: KnownKeys<SelfSignedProps> = { hostname: true, validityDays: true };

/** Properties of a certificate in PEM files. */
export interface PemFilesProps {
  /** PEM file with the server certificate, followed by the intermediate certificates. */
  readonly certificateFile: string;
  /** PEM file without a passphrase. Read at synth for validation and at apply for use, but never copied. */
  readonly privateKeyFile: string;
  /**
   * Host name that clients call.
   * @default - the first name in the certificate that is not a wildcard
   */
  readonly hostname?: string | undefined;
  /**
   * PEM file with the root certificates that clients must trust, for a certificate of a private authority.
   * @default - the public root certificates
   */
  readonly rootCertificateFile?: string | undefined;
  /**
   * Whether to accept a self-signed certificate. Clients must then trust it as a root certificate.
   * @default false
   */
  readonly allowSelfSigned?: boolean | undefined;
  /**
   * Minimum number of days until the certificate expires. Synth fails if fewer are left.
   * @default 14
   */
  readonly minimumDaysToExpiry?: number | undefined;
}

const PEM_FILES_PROPS: KnownKeys<PemFilesProps> = {
  certificateFile: true,
  privateKeyFile: true,
  hostname: true,
  rootCertificateFile: true,
  allowSelfSigned: true,
  minimumDaysToExpiry: true,
};

/** Terraform variables that contain a certificate and its private key. */
export interface VariablesSslProps {
  /** PEM: the server certificate, followed by the intermediate certificates. A sensitive variable without a default. */
  readonly certificate: TerraformVariable;
  /** PEM, without a passphrase. A sensitive variable without a default. */
  readonly privateKey: TerraformVariable;
  /** Host name that clients check the certificate against. */
  readonly hostname: string;
  /**
   * PEM file with the root certificates that clients must trust, for a certificate of a private authority; relative to
   * the working directory. The smoke test uses it.
   * @default - the public root certificates
   */
  readonly rootCertificateFile?: string | undefined;
}

const VARIABLES_SSL_PROPS: KnownKeys<VariablesSslProps> = {
  certificate: true,
  privateKey: true,
  hostname: true,
  rootCertificateFile: true,
};

/** Properties of a certificate in a key vault. */
export interface KeyVaultCertificateProps {
  /** ARM id of the vault. */
  readonly keyVaultId: string;
  /**
   * URL of the vault. Set it if the vault is not in Azure's public cloud.
   * @default - `https://<name>.vault.azure.net/`
   */
  readonly keyVaultUri?: string | undefined;
  readonly certificateName: string;
  /** Host name that clients check the certificate against. */
  readonly hostname: string;
  /**
   * PEM file with the root certificates that clients must trust, for a self-signed certificate of the vault; relative to
   * the working directory. The smoke test uses it.
   * @default - the public root certificates
   */
  readonly rootCertificateFile?: string | undefined;
}

const KEY_VAULT_CERTIFICATE_PROPS: KnownKeys<KeyVaultCertificateProps> = {
  keyVaultId: true,
  keyVaultUri: true,
  certificateName: true,
  hostname: true,
  rootCertificateFile: true,
};

/** Properties of a certificate from an authority that speaks ACME. */
export interface AcmeSslProps extends AcmeCertificateOptions {
  /**
   * PEM file with the root certificates that clients must trust, for a private authority; relative to the working directory. The
   * smoke test uses it.
   * @default - the public root certificates
   */
  readonly rootCertificateFile?: string | undefined;
}

const ACME_SSL_PROPS: KnownKeys<AcmeSslProps> = { ...ACME_CERTIFICATE_OPTIONS, rootCertificateFile: true };

/** Properties of a certificate that the platform issues. */
export interface ManagedCertificateProps {
  /**
   * Your own host name, which must resolve to the service: declare `DnsRecords`.
   * @default - the host name that the platform gives to the service
   */
  readonly hostname?: string | undefined;
}

const MANAGED_CERTIFICATE_PROPS: KnownKeys<ManagedCertificateProps> = { hostname: true };

/** TLS settings of a web service: the source of its certificate. */
export abstract class SslSettings {
  /**
   * A self-signed certificate that is generated at apply, for local machines and development. Clients must trust it as a
   * root certificate.
   */
  static selfSigned(props: SelfSignedProps): SslSettings {
    return new SelfSigned(props);
  }

  /** A certificate and its private key in PEM files. */
  static fromPemFiles(props: PemFilesProps): SslSettings {
    return new PemFiles(props);
  }

  /**
   * A certificate and its private key from sensitive Terraform variables (`TF_VAR_…`, a pipeline's secrets). Their values
   * are unknown at synth, so only the smoke test detects problems.
   */
  static fromVariables(props: VariablesSslProps): SslSettings {
    return new Variables(props);
  }

  /**
   * A certificate in an Azure Key Vault. Its private key is never stored in Terraform's state or plan. FPGA machines and Azure
   * Container Apps read it from the vault themselves, so a renewal needs no apply. On Kubernetes, Terraform reads it while it applies,
   * without storing it, and the next apply after a renewal rolls it out; that requires Terraform or OpenTofu 1.11, and older versions
   * store it if the context `cdktf-brainwave:secretsInState` allows it, except for an `AttachedKubernetesCluster`.
   */
  static fromKeyVaultCertificate(props: KeyVaultCertificateProps): SslSettings {
    return new KeyVaultCertificate(props);
  }

  /**
   * A certificate that this stack orders from Let's Encrypt or another authority that speaks ACME, and that an apply renews before it
   * expires. The stack needs an `AcmeProvider`, and its state contains the private key. To keep the key out of the state of the
   * service, declare an `AcmeCertificate` with `keyVaultId` in another stack, and use `fromKeyVaultCertificate`.
   */
  static fromAcme(props: AcmeSslProps): SslSettings {
    return new Acme(props);
  }

  /**
   * A certificate that the platform issues and renews: for the host name that Azure Container Apps or Azure ML gives to the service,
   * or, on Azure Container Apps, for your own. Only for `ContainerAppsCompute` and `ManagedEndpointCompute`.
   */
  static managed(props: ManagedCertificateProps = {}): SslSettings {
    return new Managed(props);
  }

  /** No TLS. Keys are then not checked, and anyone who can connect can call. */
  static disabled(): SslSettings {
    return new Disabled();
  }

  /**
   * Resolves the certificate for a web service.
   * @returns `undefined` if TLS is disabled
   */
  abstract bind(scope: Construct): SslConfiguration | undefined;
}

class Disabled extends SslSettings {
  bind(): undefined {
    return undefined;
  }
}

class Managed extends SslSettings {
  constructor(private readonly props: ManagedCertificateProps) {
    super();
  }

  bind(scope: Construct): SslConfiguration {
    requireKnownProps(scope, this.props, MANAGED_CERTIFICATE_PROPS);
    const { hostname } = this.props;
    if (hostname !== undefined) {
      requireHostname(scope, hostname, 'scoring.example.com');
    }
    return { hostname, managed: true };
  }
}

class SelfSigned extends SslSettings {
  constructor(private readonly props: SelfSignedProps) {
    super();
  }

  bind(scope: Construct): SslConfiguration {
    requireKnownProps(scope, this.props, SELF_SIGNED_PROPS);
    const { hostname, validityDays = 365 } = this.props;
    requireHostname(scope, hostname, 'scoring.localhost');
    requireNumber(scope, 'validityDays', validityDays, wholeNumber(1, 3650));
    return { hostname, selfSigned: { validityDays } };
  }
}

class PemFiles extends SslSettings {
  constructor(private readonly props: PemFilesProps) {
    super();
  }

  bind(scope: Construct): SslConfiguration {
    requireKnownProps(scope, this.props, PEM_FILES_PROPS);
    const { certificateFile, privateKeyFile, rootCertificateFile, allowSelfSigned = false } = this.props;
    const certificateChain = readPem(scope, 'certificateFile', certificateFile);
    const rootCertificates =
      rootCertificateFile === undefined
        ? undefined
        : readPem(scope, 'rootCertificateFile', rootCertificateFile);
    const { hostname } = this.props;
    const problems = checkCertificate({
      certificateChain,
      privateKey: readPem(scope, 'privateKeyFile', privateKeyFile),
      ...(hostname !== undefined && !Token.isUnresolved(hostname) && { hostname }),
      minimumDaysToExpiry: this.props.minimumDaysToExpiry ?? 14,
      allowSelfSigned,
      rootCertificates,
    });
    if (problems.length > 0) {
      const files = [
        certificateFile,
        privateKeyFile,
        ...(rootCertificateFile === undefined ? [] : [rootCertificateFile]),
      ];
      throw new ConstructError(
        scope,
        `cannot use ${files.join(', ')} for TLS:\n${problems.map(({ message }) => `- ${message}`).join('\n')}`,
      );
    }
    const { names } = certificateSummary(certificateChain);
    const name = hostname ?? names.find((candidate) => !candidate.startsWith('*.'));
    if (name === undefined) {
      throw new ConstructError(
        scope,
        names.length === 0
          ? `the certificate ${certificateFile} has no Subject Alternative Names, expected a host name; ` +
              'reissue it with the host name that clients call'
          : `the certificate covers only ${names.join(', ')}; set hostname to the name that clients call`,
      );
    }
    const certificate = projectPath(certificateFile);
    const rootCertificate = rootCertificateFile === undefined ? undefined : projectPath(rootCertificateFile);
    return {
      hostname: name,
      files: {
        certificate,
        privateKey: projectPath(privateKeyFile),
        rootCertificate,
        allowSelfSigned,
        fingerprint: fingerprint(certificateChain, rootCertificates ?? ''),
      },
      rootCertificateFile: rootCertificate ?? (allowSelfSigned ? certificate : undefined),
    };
  }
}

class Variables extends SslSettings {
  constructor(private readonly props: VariablesSslProps) {
    super();
  }

  bind(scope: Construct): SslConfiguration {
    requireKnownProps(scope, this.props, VARIABLES_SSL_PROPS);
    const { certificate, privateKey, hostname, rootCertificateFile } = this.props;
    requireHostname(scope, hostname, 'scoring.example.com');
    requireSecretVariable(scope, 'certificate', certificate, 'the certificate');
    requireSecretVariable(scope, 'privateKey', privateKey);
    return {
      hostname,
      pem: {
        certificate: sensitiveToken(certificate.stringValue),
        privateKey: sensitiveToken(privateKey.stringValue),
      },
      rootCertificateFile: requireRoots(scope, rootCertificateFile),
    };
  }
}

class KeyVaultCertificate extends SslSettings {
  constructor(private readonly props: KeyVaultCertificateProps) {
    super();
  }

  bind(scope: Construct): SslConfiguration {
    requireKnownProps(scope, this.props, KEY_VAULT_CERTIFICATE_PROPS);
    const { keyVaultId, certificateName, hostname, rootCertificateFile } = this.props;
    requireHostname(scope, hostname, 'scoring.example.com');
    requireKeyVaultId(scope, 'keyVaultId', keyVaultId);
    requireSecretName(scope, 'certificateName', certificateName);
    const uri = this.props.keyVaultUri ?? keyVaultUri(keyVaultId);
    return {
      hostname,
      keyVault: { keyVaultId, keyVaultUri: uri.endsWith('/') ? uri : `${uri}/`, certificateName },
      rootCertificateFile: requireRoots(scope, rootCertificateFile),
    };
  }
}

class Acme extends SslSettings {
  constructor(private readonly props: AcmeSslProps) {
    super();
  }

  bind(scope: Construct): SslConfiguration {
    requireKnownProps(scope, this.props, ACME_SSL_PROPS);
    const { rootCertificateFile, ...options } = this.props;
    const { hostname, certificateChain, privateKey } = new AcmeCertificate(scope, 'AcmeCertificate', options);
    return {
      hostname,
      pem: { certificate: certificateChain, privateKey },
      rootCertificateFile: requireRoots(scope, rootCertificateFile),
    };
  }
}

function requireHostname(scope: Construct, hostname: string, example: string): void {
  if (!Token.isUnresolved(hostname) && parseHostname(hostname) === undefined) {
    throw new ConstructError(
      scope,
      `hostname is "${hostname}"; expected the name or IP address that clients call, ` +
        `such as ${example}, without a scheme, port or wildcard`,
    );
  }
}

/** Returns the path that the synthesized JSON contains. */
function requireRoots(scope: Construct, file: string | undefined): string | undefined {
  if (file === undefined) {
    return undefined;
  }
  // Without this check, only the smoke test would detect invalid root certificates, after the deployment.
  withConstructPath(scope, () => parseCertificateChain(readPem(scope, 'rootCertificateFile', file)));
  return projectPath(file);
}

function fingerprint(...certificates: readonly string[]): string {
  return createHash('sha256').update(certificates.join('\n')).digest('hex');
}

function readPem(scope: Construct, option: string, file: string): string {
  return readInputFile(scope, option, file).toString('utf8');
}
