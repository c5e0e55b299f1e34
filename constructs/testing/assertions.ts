import { homedir } from 'node:os';
import path from 'node:path';

import type { IConstruct } from 'constructs';

import { DnsRecords } from '../dns/dns-records';
import type { IOnlineEndpoint } from '../online-endpoint/online-endpoint-reference';
import { SmokeTest } from '../smoke-test/smoke-test';
import { isSameValue } from '../validation/synth-value';
import type { IWebservice } from '../webservice/webservice';
import { StackAssertionError } from './stack-assertion-error';
import type { SynthesizedStack } from './synth-stack';

/**
 * Requires a `SmokeTest` of the service or the endpoint, in any stack of the app, that runs again whenever what answers
 * there changes.
 * @throws StackAssertionError
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
      `${service.node.path}: no SmokeTest tests it${others === '' ? '' : ` (those of the app, ${others}, test others)`}; ` +
        'declare one: new SmokeTest(this, "SmokeTest", { service, samples })',
    );
  }
}

/**
 * Requires that nobody can call the service without a key: it has TLS, without which keys are not checked, and keys.
 * @throws StackAssertionError
 */
export function assertCallersNeedKey(service: IWebservice): void {
  const { hostname, primaryKey, keyFile } = service.endpoint;
  if (hostname === undefined) {
    throw new StackAssertionError(
      `${service.node.path}: anybody who reaches its address can call: it has no TLS, and keys are checked only ` +
        'under TLS; set ssl',
    );
  }
  if (primaryKey === undefined && keyFile === undefined) {
    throw new StackAssertionError(
      `${service.node.path}: anybody who reaches its address can call: it has no keys; leave keys out, or set ` +
        'ApiKeys.generated()',
    );
  }
}

/**
 * Requires `DnsRecords`, in any stack of the app, that lead a name to the service.
 * @param hostname the name, `scoring.example.com`
 * @throws StackAssertionError
 */
export function assertCalledByName(service: IWebservice, hostname: string): void {
  const names = constructsOf(service)
    .filter((construct) => DnsRecords.isDnsRecords(construct))
    .filter(({ aRecord, privateARecord }) =>
      [aRecord, privateARecord].some((record) => record && service.clientPrerequisites.includes(record)),
    )
    .map((records) => records.hostname);
  if (!names.includes(hostname)) {
    throw new StackAssertionError(
      `${service.node.path}: no DnsRecords lead ${hostname} to it` +
        (names.length === 0 ? '; there are none of it' : `, but ${names.join(', ')}`),
    );
  }
}

/**
 * Requires that a stack's JSON holds no private key, no default of a sensitive variable and none of the given values:
 * as they are, in base64 or within JSON text.
 * @param secrets the values that the test made up: keys, passwords, certificates. Messages do not repeat them
 * @throws StackAssertionError
 */
export function assertNoSecrets({ json }: SynthesizedStack, secrets: readonly string[] = []): void {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(json)) {
    throw new StackAssertionError(
      'the JSON holds a private key in PEM; hand it over as a sensitive variable, a file or a reference to a vault',
    );
  }
  const { variable = {} } = JSON.parse(json) as {
    variable?: Record<string, { sensitive?: boolean | undefined; default?: unknown }> | undefined;
  };
  for (const [name, { sensitive, default: value }] of Object.entries(variable)) {
    if (sensitive === true && value !== undefined) {
      throw new StackAssertionError(
        `the JSON holds the default of the sensitive variable ${name}; remove it, and set TF_VAR_${name} at apply`,
      );
    }
  }
  const texts = textsOf(JSON.parse(json)).join('\n');
  const found = secrets.findIndex((secret) => encodings(secret).some((text) => texts.includes(text)));
  if (found >= 0) {
    throw new StackAssertionError(
      `the JSON holds the secret at index ${found}; hand it over as a sensitive variable or a file`,
    );
  }
}

/**
 * Requires that a stack's JSON names no folder of this machine, so that it is the same wherever it is synthesized and a
 * pipeline can compare it.
 * @throws StackAssertionError
 */
export function assertSameAnywhere({ json }: SynthesizedStack): void {
  const folders = [process.cwd(), homedir()].filter((folder) => folder !== path.parse(folder).root);
  const texts = textsOf(JSON.parse(json));
  for (const folder of folders) {
    const text = texts.find((each) => `${each}${path.sep}`.includes(`${folder}${path.sep}`));
    if (text !== undefined) {
      throw new StackAssertionError(
        `the JSON has "${text.slice(0, MAX_QUOTE)}", which is of this machine; give paths relative to the project, and ` +
          'the stack a backend (without one, CDKTF writes an absolute path for its state)',
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

/** All names and strings of a value. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') {
    return [value];
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, each]) => [name, ...textsOf(each)])
    : [];
}
