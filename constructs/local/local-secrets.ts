import type { Construct } from 'constructs';

import { ConstructError } from '../validation/construct-error';
import { secretStep, type StepName } from '../terraform/provisioner-step';
import { TerraformData } from '../terraform/terraform-data';
import type { ApiKeysConfiguration } from '../tls-and-keys/api-keys';
import type { SslConfiguration } from '../tls-and-keys/ssl-settings';

/** @internal */
export function requireLocalCertificate(scope: Construct, ssl: SslConfiguration | undefined): void {
  if (ssl && !ssl.selfSigned && !ssl.files) {
    throw new ConstructError(
      scope,
      'LocalCompute serves with a certificate of this machine, not with one from variables or a Key Vault; ' +
        'use SslSettings.selfSigned or fromPemFiles',
    );
  }
}

/** The TLS and the keys of a server on this machine, as its step takes them. @internal */
export function localSecrets(
  ssl: SslConfiguration | undefined,
  keys: ApiKeysConfiguration | undefined,
): object {
  const { files, selfSigned } = ssl ?? {};
  return {
    ...(ssl && {
      tls: {
        hostname: ssl.hostname,
        ...(selfSigned && { selfSigned: { validityDays: selfSigned.validityDays } }),
        ...(files && {
          files: {
            certificate: files.certificate,
            privateKey: files.privateKey,
            ...(files.rootCertificate !== undefined && { rootCertificate: files.rootCertificate }),
            allowSelfSigned: files.allowSelfSigned,
          },
        }),
      },
    }),
    ...(keys && { keys: keys.generated ? { generated: keys.generated } : { provided: true } }),
  };
}

/**
 * Writes keys that are Terraform values into the server's folder, which its reservation has made.
 * @returns what does so; nothing where the keys are made there
 * @internal
 */
export function writtenKeys(
  scope: Construct,
  step: StepName,
  name: string,
  keys: ApiKeysConfiguration | undefined,
  reservation: TerraformData,
): TerraformData[] {
  if (keys?.primaryKey === undefined || keys.secondaryKey === undefined) {
    return [];
  }
  const { primaryKey, secondaryKey, revision } = keys;
  const secrets = { CDKTF_BRAINWAVE_PRIMARY_KEY: primaryKey, CDKTF_BRAINWAVE_SECONDARY_KEY: secondaryKey };
  return [
    new TerraformData(scope, 'Keys', {
      triggersReplace: { reservation: reservation.id, keys: revision },
      provisioners: [secretStep(step, { name }, secrets)],
      dependsOn: [reservation],
    }),
  ];
}

/** Whether clients must be given the roots to trust. @internal */
export function clientsNeedRoot(ssl: SslConfiguration | undefined): boolean {
  return Boolean(ssl?.selfSigned ?? ssl?.files?.rootCertificate ?? ssl?.files?.allowSelfSigned);
}
