import { createHash } from 'node:crypto';

import { Token, type TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { certificateSummary, checkCertificate, parseCertificateChain, parseHostname } from '../../lib/tls';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { keyVaultUri, requireKeyVaultId, requireSecretName } from '../azure/key-vault-id';
import { projectPath } from '../terraform/project-files';
import { ConstructError, withConstructPath, requireKnownProps } from '../validation/construct-error';
import { readInputFile } from '../validation/input-file';
import { requireNumber } from '../validation/synth-value';
import { requireSecretVariable, sensitiveToken } from './secret-value';

/** A certificate that the compute makes. */
export interface SelfSignedConfiguration {
  readonly validityDays: number;
}

/** PEM files, relative to the project's folder. They are read at apply. */
export interface PemFilesConfiguration {
  readonly certificate: string;
  readonly privateKey: string;
  /** @default - clients trust the public roots */
  readonly rootCertificate?: string | undefined;
  readonly allowSelfSigned: boolean;
  /** SHA-256 of all the certificates, which are public: another whenever the pair, the chain or the roots are. */
  readonly fingerprint: string;
}

/** A certificate and its key as Terraform values. */
export interface PemConfiguration {
  /** PEM: the server's certificate, then its intermediates. A sensitive token. */
  readonly certificate: string;
  /** PEM. A sensitive token. */
  readonly privateKey: string;
}

/** A certificate of an Azure Key Vault, read by whoever serves with it, at boot and on renewal. */
export interface KeyVaultCertificateConfiguration {
  /** The vault's ARM id. */
  readonly keyVaultId: string;
  /** `https://<vault>.vault.azure.net/`. */
  readonly keyVaultUri: string;
  readonly certificateName: string;
}

/** TLS as a compute needs to know it. One of the sources is set. */
export interface SslConfiguration {
  /** The name that clients check the certificate against. */
  readonly hostname: string;
  /** @default - the certificate has another source */
  readonly selfSigned?: SelfSignedConfiguration | undefined;
  /** @default - the certificate has another source */
  readonly files?: PemFilesConfiguration | undefined;
  /** @default - the certificate has another source */
  readonly pem?: PemConfiguration | undefined;
  /** @default - the certificate has another source */
  readonly keyVault?: KeyVaultCertificateConfiguration | undefined;
  /**
   * PEM, relative to the project's folder: what clients trust beside the public roots, where the certificate's source
   * does not say it.
   * @default - the public roots
   */
  readonly rootCertificateFile?: string | undefined;
}

/** The name and the life of a certificate that is made at apply. */
export interface SelfSignedProps {
  /** The name that clients check the certificate against. */
  readonly hostname: string;
  /**
   * Days for which the certificate is valid, up to 3650. It is made anew by an apply that changes the service, once fewer
   * than 14 are left.
   * @default 365
   */
  readonly validityDays?: number | undefined;
}

const SELF_SIGNED_PROPS: KnownKeys<SelfSignedProps> = { hostname: true, validityDays: true };

/** The files of a certificate, and what is expected of it. */
export interface PemFilesProps {
  /** PEM: the server's certificate, then its intermediates. */
  readonly certificateFile: string;
  /** PEM, without a passphrase. It is read at synth to check it, and at apply to use it; it is copied nowhere. */
  readonly privateKeyFile: string;
  /**
   * The name by which clients call.
   * @default - the certificate's first name that is no wildcard
   */
  readonly hostname?: string | undefined;
  /**
   * PEM: the roots that clients must trust, for a certificate of your own authority.
   * @default - the public roots
   */
  readonly rootCertificateFile?: string | undefined;
  /**
   * Whether a self-signed certificate is what you want. Clients must then be given it as their root.
   * @default false
   */
  readonly allowSelfSigned?: boolean | undefined;
  /**
   * Synth fails when the certificate expires within so many days.
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

/** The Terraform variables that hold a certificate and its key. */
export interface VariablesSslProps {
  /** PEM: the server's certificate, then its intermediates. A sensitive variable without a default. */
  readonly certificate: TerraformVariable;
  /** PEM, without a passphrase. A sensitive variable without a default. */
  readonly privateKey: TerraformVariable;
  /** The name that clients check the certificate against. */
  readonly hostname: string;
  /**
   * PEM, relative to the working directory: the roots that clients must trust, for a certificate of your own
   * authority. The smoke test uses it.
   * @default - the public roots
   */
  readonly rootCertificateFile?: string | undefined;
}

const VARIABLES_SSL_PROPS: KnownKeys<VariablesSslProps> = {
  certificate: true,
  privateKey: true,
  hostname: true,
  rootCertificateFile: true,
};

/** A certificate of a vault, and the name that clients call. */
export interface KeyVaultCertificateProps {
  /** The vault's ARM id. */
  readonly keyVaultId: string;
  /**
   * The vault's address, where it is not in Azure's public cloud.
   * @default - `https://<name>.vault.azure.net/`
   */
  readonly keyVaultUri?: string | undefined;
  readonly certificateName: string;
  /** The name that clients check the certificate against. */
  readonly hostname: string;
  /**
   * PEM, relative to the working directory: the roots that clients must trust, for a certificate that the vault signed
   * itself. The smoke test uses it.
   * @default - the public roots
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

/** Where a web service's certificate comes from. */
export abstract class SslSettings {
  /**
   * A certificate made at apply that no public authority vouches for: for a machine of your own, and for
   * development. Clients must be given it as their root certificate.
   */
  static selfSigned(props: SelfSignedProps): SslSettings {
    return new SelfSigned(props);
  }

  /** A certificate and its key in PEM files. */
  static fromPemFiles(props: PemFilesProps): SslSettings {
    return new PemFiles(props);
  }

  /**
   * A certificate and its key from sensitive Terraform variables (`TF_VAR_…`, a pipeline's secrets). Synth does not
   * see them: the smoke test finds what is wrong with them.
   */
  static fromVariables(props: VariablesSslProps): SslSettings {
    return new Variables(props);
  }

  /**
   * A certificate of an Azure Key Vault. Whoever serves with it reads it there, also when the vault has renewed it:
   * a renewal needs no apply, and its private key never reaches Terraform.
   */
  static fromKeyVaultCertificate(props: KeyVaultCertificateProps): SslSettings {
    return new KeyVaultCertificate(props);
  }

  /** No TLS. Keys are not checked then: anybody who reaches the address can call. */
  static disabled(): SslSettings {
    return new Disabled();
  }

  /**
   * What a web service does to have the certificate.
   * @returns `undefined` where TLS is off
   */
  abstract bind(scope: Construct): SslConfiguration | undefined;
}

class Disabled extends SslSettings {
  bind(): undefined {
    return undefined;
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
        `TLS with ${files.join(', ')} is not possible:\n${problems.map(({ message }) => `- ${message}`).join('\n')}`,
      );
    }
    const { names } = certificateSummary(certificateChain);
    const name = hostname ?? names.find((candidate) => !candidate.startsWith('*.'));
    if (name === undefined) {
      throw new ConstructError(
        scope,
        names.length === 0
          ? `the certificate ${certificateFile} names no host (it has no Subject Alternative Names); ` +
              'issue it again with the name by which clients call'
          : `the certificate covers only ${names.join(', ')}; set hostname to the name by which clients call`,
      );
    }
    return {
      hostname: name,
      files: {
        certificate: projectPath(certificateFile),
        privateKey: projectPath(privateKeyFile),
        rootCertificate: rootCertificateFile === undefined ? undefined : projectPath(rootCertificateFile),
        allowSelfSigned,
        fingerprint: fingerprint(certificateChain, rootCertificates ?? ''),
      },
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
      ...rootsOf(scope, rootCertificateFile),
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
      ...rootsOf(scope, rootCertificateFile),
    };
  }
}

function requireHostname(scope: Construct, hostname: string, example: string): void {
  if (!Token.isUnresolved(hostname) && parseHostname(hostname) === undefined) {
    throw new ConstructError(
      scope,
      `the hostname of its certificate is "${hostname}"; expected one name or IP address that clients call, ` +
        `such as ${example}, without a scheme, a port or a wildcard`,
    );
  }
}

function rootsOf(scope: Construct, file: string | undefined): Pick<SslConfiguration, 'rootCertificateFile'> {
  if (file === undefined) {
    return {};
  }
  // Roots that do not parse would only be found by the smoke test, after the deployment.
  withConstructPath(scope, () => parseCertificateChain(readPem(scope, 'rootCertificateFile', file)));
  return { rootCertificateFile: projectPath(file) };
}

function fingerprint(...certificates: readonly string[]): string {
  return createHash('sha256').update(certificates.join('\n')).digest('hex');
}

function readPem(scope: Construct, option: string, file: string): string {
  return readInputFile(scope, option, file).toString('utf8');
}
