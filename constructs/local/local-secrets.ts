import type { Construct } from 'constructs';

import type { SecretsSpecification } from '../../lib/contract/workload-specification';
import { ConstructError } from '../validation/construct-error';
import { keysStep } from '../terraform/provisioner-step';
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

/** TLS and key settings of a workload, as its step takes them. @internal */
export function localSecrets(
  ssl: SslConfiguration | undefined,
  keys: ApiKeysConfiguration | undefined,
): SecretsSpecification {
  return { tls: ssl && localTls(ssl), keys: keys && localKeys(keys) };
}

function localTls({ hostname, selfSigned, files }: SslConfiguration): SecretsSpecification['tls'] {
  return {
    hostname,
    selfSigned,
    files: files && {
      certificate: files.certificate,
      privateKey: files.privateKey,
      rootCertificate: files.rootCertificate,
      allowSelfSigned: files.allowSelfSigned,
    },
  };
}

function localKeys({ generated }: ApiKeysConfiguration): SecretsSpecification['keys'] {
  return generated ? { generated } : { provided: true };
}

/**
 * Writes keys that are Terraform values into the server's folder, which its reservation has made.
 * @returns what does so; nothing where the keys are made there
 * @internal
 */
export function writtenKeys(
  scope: Construct,
  step: 'write-keys' | 'write-endpoint-keys',
  name: string,
  keys: ApiKeysConfiguration | undefined,
  reservation: TerraformData,
): TerraformData[] {
  if (keys?.primaryKey === undefined || keys.secondaryKey === undefined) {
    return [];
  }
  const { primaryKey, secondaryKey, revision } = keys;
  return [
    new TerraformData(scope, 'Keys', {
      triggersReplace: { reservation: reservation.id, keys: revision },
      provisioners: [keysStep(step, { name }, { primaryKey, secondaryKey })],
      dependsOn: [reservation],
    }),
  ];
}

/** Whether clients must be given the roots to trust. @internal */
export function clientsNeedRoot(ssl: SslConfiguration | undefined): boolean {
  return Boolean(ssl?.selfSigned ?? ssl?.files?.rootCertificate ?? ssl?.files?.allowSelfSigned);
}
