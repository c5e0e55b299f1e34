import { TerraformSelf, type ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

import { FolderLayout } from '../../lib/contract/folder-layout';
import type { StepInput } from '../../lib/contract/steps';
import type { SecretsSpecification } from '../../lib/contract/workload-specification';
import { jsonTemplate } from '../terraform/json-template';
import { createStep, destroyStep, secretStep } from '../terraform/provisioner-step';
import { TerraformData } from '../terraform/terraform-data';
import type { ApiKeysConfiguration } from '../tls-and-keys/api-keys';
import { requirePem } from '../tls-and-keys/provided-certificate';
import { provideKeys } from '../tls-and-keys/provided-keys';
import type { SslConfiguration } from '../tls-and-keys/ssl-settings';
import { ConstructError } from '../validation/construct-error';
import { requireFreeAddress } from './local-address';

/** TLS and key settings of a local workload. @internal */
export interface LocalSecrets {
  readonly ssl: SslConfiguration | undefined;
  readonly keys: ApiKeysConfiguration | undefined;
}

/** @internal */
export interface LocalWorkloadProps extends LocalSecrets {
  /** Service or endpoint to deploy, without its TLS and key settings. */
  readonly specification: StepInput<'configure-workload'>;
  /** Other values whose change replaces the configuration. */
  readonly triggers?: Record<string, string> | undefined;
  /** Resources that must exist before the workload is configured. */
  readonly dependables?: readonly ITerraformDependable[] | undefined;
}

/** @internal */
export interface DeclaredLocalWorkload {
  /** Configures the workload. Replaced when the served content changes. */
  readonly resource: TerraformData;
  /** @default - no keys are checked */
  readonly keyFile: string | undefined;
  /** @default - clients trust the public root certificates */
  readonly rootCertificateFile: string | undefined;
}

/**
 * Declares the resources of a local workload. Its lifetime and its configuration are separate resources: provisioners run
 * only when a resource is created or destroyed, and a changed configuration must not stop the workload.
 * @internal
 */
export function declareLocalWorkload(scope: Construct, props: LocalWorkloadProps): DeclaredLocalWorkload {
  const { ssl, keys, triggers, dependables = [] } = props;
  requireLocalCertificate(scope, ssl);
  const { kind, name, address, port, portVariable } = props.specification;
  const layout = new FolderLayout();
  const specification = { ...props.specification, ...secretsOf(props, layout) };
  const reservation = reserve(scope, { kind, name, address, port, portVariable });
  const certificate = ssl?.pem && writtenCertificate(scope, { kind, name }, ssl, reservation);
  const resource = new TerraformData(scope, 'Configuration', {
    triggersReplace: {
      reservation: reservation.id,
      ...triggers,
      configuration: jsonTemplate(specification),
      certificate: ssl?.files?.fingerprint ?? certificate?.id,
      keys: keys?.revision,
    },
    provisioners: [createStep('configure-workload', withRevision(specification))],
    dependsOn: [
      reservation,
      ...dependables,
      ...(certificate ? [certificate] : []),
      ...writtenKeys(scope, { kind, name }, keys, reservation),
    ],
  });
  return {
    resource,
    keyFile: ssl && keys && layout.keyFile(kind, name),
    rootCertificateFile:
      ssl?.selfSigned !== undefined || ssl?.rootCertificateFile !== undefined
        ? layout.rootCertificateFile(kind, name)
        : undefined,
  };
}

/** A scoring service reports the id of the resource that configured it. */
function withRevision(specification: StepInput<'configure-workload'>): StepInput<'configure-workload'> {
  return specification.kind === 'service'
    ? { ...specification, revision: TerraformSelf.getString('id') }
    : specification;
}

function reserve(scope: Construct, workload: StepInput<'reserve-workload'>): TerraformData {
  const { kind, name, address, port } = workload;
  requireFreeAddress(scope, { name, address, port });
  const removal = destroyStep('remove-workload', { kind, name });
  return new TerraformData(scope, 'Reservation', {
    input: { ...removal.input },
    // Without the port: the running process continues if another one cannot start there, and its keys stay the same.
    triggersReplace: { specification: jsonTemplate({ kind, name }) },
    provisioners: [createStep('reserve-workload', workload), removal.provisioner],
  });
}

/** Writes keys that are Terraform values to the workload's folder, which the reservation has created. */
function writtenKeys(
  scope: Construct,
  workload: StepInput<'write-workload-keys'>,
  keys: ApiKeysConfiguration | undefined,
  reservation: TerraformData,
): TerraformData[] {
  if (!keys || keys.generated) {
    // They are generated in the folder.
    return [];
  }
  const { primaryKey, secondaryKey, revision } = provideKeys(scope, keys);
  return [
    new TerraformData(scope, 'Keys', {
      triggersReplace: { reservation: reservation.id, keys: revision },
      provisioners: [secretStep('write-workload-keys', workload, { keys: { primaryKey, secondaryKey } })],
      dependsOn: [reservation],
    }),
  ];
}

/** Writes a certificate that is a Terraform value to the workload's folder, from which the configuration takes it. */
function writtenCertificate(
  scope: Construct,
  workload: StepInput<'write-workload-certificate'>,
  ssl: SslConfiguration,
  reservation: TerraformData,
): TerraformData {
  const { certificate, privateKey, revision } = requirePem(scope, ssl);
  return new TerraformData(scope, 'Certificate', {
    triggersReplace: { reservation: reservation.id, certificate: revision },
    provisioners: [
      secretStep('write-workload-certificate', workload, { certificate: { certificate, privateKey } }),
    ],
    dependsOn: [reservation],
  });
}

function requireLocalCertificate(scope: Construct, ssl: SslConfiguration | undefined): void {
  if (ssl && !ssl.selfSigned && !ssl.files && !ssl.pem) {
    throw new ConstructError(
      scope,
      'LocalCompute does not support certificates from a Key Vault or a platform; ' +
        'use SslSettings.selfSigned, fromPemFiles, fromVariables or fromAcme',
    );
  }
}

function secretsOf(
  { specification: { kind, name }, ssl, keys }: LocalWorkloadProps,
  layout: FolderLayout,
): SecretsSpecification {
  const provided = {
    certificate: layout.providedCertificateFile(kind, name),
    privateKey: layout.providedPrivateKeyFile(kind, name),
    rootCertificate: ssl?.rootCertificateFile,
    allowSelfSigned: false,
  };
  return { tls: ssl && tlsOf(ssl, provided), keys: keys && keysOf(keys) };
}

type LocalFiles = NonNullable<SecretsSpecification['tls']>['files'];

/** @param provided files with a certificate that is a Terraform value */
function tlsOf(
  { hostname = '', selfSigned, files, pem }: SslConfiguration,
  provided: LocalFiles,
): SecretsSpecification['tls'] {
  return {
    hostname,
    selfSigned,
    files: files
      ? {
          certificate: files.certificate,
          privateKey: files.privateKey,
          rootCertificate: files.rootCertificate,
          allowSelfSigned: files.allowSelfSigned,
        }
      : pem && provided,
  };
}

function keysOf({ generated }: ApiKeysConfiguration): SecretsSpecification['keys'] {
  return generated ? { generated } : { provided: true };
}
