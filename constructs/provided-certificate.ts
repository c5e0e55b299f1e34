import path from 'node:path';

import { App, Fn, TerraformStack, Token } from 'cdktf';
import type { Construct } from 'constructs';

import { findProjectFolder } from '../lib/local/project-folder';
import { ConstructError } from './construct-error';
import type { PemConfiguration, SslConfiguration } from './ssl-settings';

/**
 * A certificate and its key as Terraform values, for a compute that hands them on itself. Files are read by Terraform
 * when it plans, from where they lie: they are copied nowhere.
 *
 * @returns `undefined` where the certificate lies in a vault
 * @throws ConstructError for a certificate that only a machine of the user's can make
 * @internal
 */
export function provideCertificate(scope: Construct, ssl: SslConfiguration): PemConfiguration | undefined {
  const { files, pem, selfSigned } = ssl;
  if (selfSigned) {
    throw new ConstructError(
      scope,
      'SslSettings.selfSigned makes a certificate on the machine that runs the service, which is for LocalCompute; ' +
        'on Azure use fromKeyVaultCertificate (a vault makes self-signed ones, too), fromVariables or fromPemFiles',
    );
  }
  return files
    ? {
        certificate: secretFile(scope, files.certificate),
        privateKey: secretFile(scope, files.privateKey),
      }
    : pem;
}

/** @param file relative to the project's folder */
function secretFile(scope: Construct, file: string): string {
  const stack = TerraformStack.of(scope);
  const stackFolder = path.resolve(App.of(scope).outdir, 'stacks', stack.node.id);
  const relative = path.relative(stackFolder, path.resolve(findProjectFolder(), file));
  return Token.asString(Fn.sensitive(Fn.file(`\${path.module}/${relative.split(path.sep).join('/')}`)));
}
