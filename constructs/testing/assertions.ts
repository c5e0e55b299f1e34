import { homedir } from 'node:os';
import path from 'node:path';

import type { IConstruct } from 'constructs';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { DnsRecords } from '../dns/dns-records';
import type { IOnlineEndpoint } from '../online-endpoint/online-endpoint-reference';
import { SmokeTest } from '../smoke-test/smoke-test';
import { isSameValue } from '../validation/synth-value';
import type { IWebservice } from '../webservice/webservice';
import type { SynthesizedStack } from './synth-stack';

/** An assertion about a stack failed. */
export class StackAssertionError extends BrainwaveError {
  readonly code = 'STACK_ASSERTION_FAILED';
}

/**
 * Asserts that a `SmokeTest` in any stack of the app tests the service or endpoint and runs again whenever its deployment
 * changes.
 * @throws StackAssertionError if there is none
 */
export function assertSmokeTested(service: IWebservice | IOnlineEndpoint): void {
  const tests = constructsOf(service).filter((construct) => SmokeTest.isSmokeTest(construct));
  const { revision } = 'endpoint' in service ? service.endpoint : service;
  const follows = ({ resource }: SmokeTest) => {
    const triggers = resource.triggersReplaceInput ?? {};
    return Object.values(triggers).some(
      (trigger) => typeof trigger === 'string' && isSameValue(service, trigger, revision),
    );
  };
  if (!tests.some(follows)) {
    const others = tests.map(({ node }) => node.path).join(', ');
    throw new StackAssertionError(
      `${service.node.path}: it has no SmokeTest${others === '' ? '' : ` (other services are tested by ${others})`}; ` +
        'declare one: new SmokeTest(this, "SmokeTest", { service, samples })',
    );
  }
}

/**
 * Asserts that the service can be called only with a key: it has keys, and TLS, without which keys are not checked.
 * @throws StackAssertionError if it can be called without a key
 */
export function assertCallersNeedKey(service: IWebservice): void {
  const { hostname, primaryKey, keyVaultKeys, keyFile } = service.endpoint;
  if (hostname === undefined) {
    throw new StackAssertionError(
      `${service.node.path}: anyone who can connect to it can call it: it has no TLS, and keys are checked only with TLS; ` +
        'set ssl',
    );
  }
  if (primaryKey === undefined && keyVaultKeys === undefined && keyFile === undefined) {
    throw new StackAssertionError(
      `${service.node.path}: anyone who can connect to it can call it: it has no keys; omit keys, or set ` +
        'ApiKeys.generated()',
    );
  }
}

/**
 * Asserts that `DnsRecords` in any stack of the app resolve a host name to the service.
 * @param hostname host name, for example `scoring.example.com`
 * @throws StackAssertionError if there are none
 */
export function assertCalledByName(service: IWebservice, hostname: string): void {
  const names = constructsOf(service)
    .filter((construct) => DnsRecords.isDnsRecords(construct))
    .filter(({ addressRecord }) => service.clientPrerequisites.includes(addressRecord))
    .map((records) => records.hostname);
  if (!names.includes(hostname)) {
    throw new StackAssertionError(
      `${service.node.path}: no DnsRecords resolve ${hostname} to it; ` +
        (names.length === 0 ? 'it has no DnsRecords' : `its DnsRecords are for ${names.join(', ')}`),
    );
  }
}

/**
 * Asserts that a stack's JSON contains no private key, no default of a sensitive variable and none of the given secrets,
 * neither verbatim nor in base64 or JSON text.
 * @param secrets values that the test made up: keys, passwords, certificates. Messages do not repeat them
 * @throws StackAssertionError if the JSON contains a secret
 */
export function assertNoSecrets({ json }: SynthesizedStack, secrets: readonly string[] = []): void {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(json)) {
    throw new StackAssertionError(
      'the JSON contains a private key in PEM format; pass it as a sensitive variable, a file or a vault reference',
    );
  }
  const { variable = {} } = JSON.parse(json) as {
    variable?: Record<string, { sensitive?: boolean | undefined; default?: unknown }> | undefined;
  };
  for (const [name, { sensitive, default: value }] of Object.entries(variable)) {
    if (sensitive === true && value !== undefined) {
      throw new StackAssertionError(
        `the JSON contains the default of the sensitive variable ${name}; remove it and set TF_VAR_${name} at apply`,
      );
    }
  }
  const texts = textsOf(JSON.parse(json)).join('\n');
  const found = secrets.findIndex((secret) => encodings(secret).some((text) => texts.includes(text)));
  if (found >= 0) {
    throw new StackAssertionError(
      `the JSON contains the secret at index ${found}; pass it as a sensitive variable or a file`,
    );
  }
}

/**
 * Asserts that a stack's JSON contains no path of this machine, so that every machine synthesizes the same JSON and a
 * pipeline can compare it.
 * @throws StackAssertionError if the JSON contains one
 */
export function assertSameAnywhere({ json }: SynthesizedStack): void {
  const folders = [process.cwd(), homedir()].filter((folder) => folder !== path.parse(folder).root);
  const texts = textsOf(JSON.parse(json));
  for (const folder of folders) {
    const text = texts.find((each) => `${each}${path.sep}`.includes(`${folder}${path.sep}`));
    if (text !== undefined) {
      throw new StackAssertionError(
        `the JSON contains "${text.slice(0, MAX_QUOTE)}", a path of this machine; set paths relative to the project, and ` +
          'add a backend to the stack (without one, CDKTF writes an absolute path for its state)',
      );
    }
  }
}

const MAX_QUOTE = 200;

function constructsOf(scope: IConstruct): IConstruct[] {
  return scope.node.root.node.findAll();
}

function encodings(secret: string): string[] {
  return [secret, Buffer.from(secret).toString('base64'), JSON.stringify(secret).slice(1, -1)].filter(
    (text) => text !== '',
  );
}

/** Returns all property names and strings of a value. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, each]) => [name, ...textsOf(each)])
    : [];
}
