import { readFileSync, statSync } from 'node:fs';

import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import { certificateSummary, checkCertificate } from '../lib/tls';
import { ConstructError } from './construct-error';
import { projectPath } from './project-path';

/** A certificate that the compute makes. */
export interface SelfSignedConfiguration {
  readonly validityDays: number;
}

/** PEM files, relative to the project's folder. They are read at apply. */
export interface PemFilesConfiguration {
  readonly certificate: string;
  readonly privateKey: string;
  /** @default - clients trust the public roots */
  readonly rootCertificate?: string;
  readonly allowSelfSigned: boolean;
  /** SHA-256 of the certificate: public, and another whenever the pair is. */
  readonly fingerprint: string;
}

/** TLS as a compute needs to know it. One of the two sources is set. */
export interface SslConfiguration {
  /** The name that clients check the certificate against. */
  readonly hostname: string;
  /** @default - the certificate has another source */
  readonly selfSigned?: SelfSignedConfiguration;
  /** @default - the certificate has another source */
  readonly files?: PemFilesConfiguration;
}

export interface SelfSignedProps {
  /** The name that clients check the certificate against. */
  readonly hostname: string;
  /**
   * Days for which the certificate is valid. It is made anew by an apply that changes the service, once fewer
   * than 14 are left.
   * @default 365
   */
  readonly validityDays?: number;
}

export interface PemFilesProps {
  /** PEM: the server's certificate, then its intermediates. */
  readonly certificateFile: string;
  /** PEM, without a passphrase. It is read at synth to check it, and at apply to use it; it is copied nowhere. */
  readonly privateKeyFile: string;
  /**
   * The name by which clients call.
   * @default - the certificate's first name that is no wildcard
   */
  readonly hostname?: string;
  /**
   * PEM: the roots that clients must trust, for a certificate of your own authority.
   * @default - the public roots
   */
  readonly rootCertificateFile?: string;
  /**
   * Whether a self-signed certificate is what you want. Clients must then be given it as their root.
   * @default false
   */
  readonly allowSelfSigned?: boolean;
  /**
   * Synth fails when the certificate expires within so many days.
   * @default 14
   */
  readonly minimumDaysToExpiry?: number;
}

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

  /** No TLS. Keys are not checked then: anybody who reaches the address can call. */
  static disabled(): SslSettings {
    return new Disabled();
  }

  /**
   * @returns `undefined` where TLS is off
   * @internal
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
    const { hostname, validityDays = 365 } = this.props;
    if (hostname === '') {
      throw new ConstructError(scope, 'the hostname of its certificate is empty; expected one such as "scoring.localhost"');
    }
    if (!Token.isUnresolved(validityDays) && (!Number.isInteger(validityDays) || validityDays < 1)) {
      throw new ConstructError(scope, `validityDays is ${validityDays}; expected a whole number from 1`);
    }
    return { hostname, selfSigned: { validityDays } };
  }
}

class PemFiles extends SslSettings {
  constructor(private readonly props: PemFilesProps) {
    super();
  }

  bind(scope: Construct): SslConfiguration {
    const { certificateFile, privateKeyFile, rootCertificateFile, allowSelfSigned = false } = this.props;
    const certificateChain = readPem(scope, 'certificateFile', certificateFile);
    const rootCertificates =
      rootCertificateFile === undefined ? undefined : readPem(scope, 'rootCertificateFile', rootCertificateFile);
    const { hostname } = this.props;
    const problems = checkCertificate({
      certificateChain,
      privateKey: readPem(scope, 'privateKeyFile', privateKeyFile),
      ...(hostname !== undefined && !Token.isUnresolved(hostname) && { hostname }),
      minimumDaysToExpiry: this.props.minimumDaysToExpiry ?? 14,
      allowSelfSigned,
      ...(rootCertificates !== undefined && { rootCertificates }),
    });
    if (problems.length > 0) {
      const list = problems.map(({ message }) => message);
      throw new ConstructError(scope, list.length === 1 ? list.join() : `\n- ${list.join('\n- ')}`);
    }
    const { names, sha256 } = certificateSummary(certificateChain);
    const name = hostname ?? names.find((candidate) => !candidate.startsWith('*.'));
    if (name === undefined) {
      throw new ConstructError(
        scope,
        `the certificate covers only ${names.join(', ')}; set hostname to the name by which clients call`,
      );
    }
    return {
      hostname: name,
      files: {
        certificate: projectPath(certificateFile),
        privateKey: projectPath(privateKeyFile),
        ...(rootCertificateFile !== undefined && { rootCertificate: projectPath(rootCertificateFile) }),
        allowSelfSigned,
        fingerprint: sha256,
      },
    };
  }
}

function readPem(scope: Construct, what: string, file: string): string {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new ConstructError(scope, `${what} is ${file}, which does not exist; paths are relative to the working directory`);
  }
  return readFileSync(file, 'utf8');
}
