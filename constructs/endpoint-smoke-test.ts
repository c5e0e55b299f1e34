import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { DataResource, Lazy, dependable } from 'cdktf';
import { Construct } from 'constructs';

import { requireJsonPath } from '../lib/smoke-test/answer-expectation';
import { ConstructError, withConstructPath } from './construct-error';
import { dependablesFor } from './dependables';
import { jsonTemplate } from './json-template';
import type { IOnlineEndpoint } from './online-endpoint-reference';
import { createStep, secretStep } from './provisioner-step';
import { nameFromPath } from './resource-name';
import { stagedAsset } from './staged-asset';
import { requireKnown, requireNumber } from './synth-value';

/** What the endpoint's JSON answer must be. */
export interface EndpointExpectation {
  /**
   * The part of the answer that is looked at, as a JSONPath (RFC 9535) that selects one value.
   * @default '$', the whole answer
   */
  readonly jsonPath?: string;
  /**
   * The JSON value that it must equal.
   * @default - not checked
   */
  readonly equals?: unknown;
  /**
   * Where the greatest of its numbers must stand, 0 being the first: the label, for an answer with a number a class.
   * @default - not checked
   */
  readonly argmax?: number;
}

export interface EndpointSmokeTestProps {
  readonly endpoint: IOnlineEndpoint;
  /**
   * The file with the JSON to post, relative to the working directory.
   * @default - `data` is posted
   */
  readonly request?: string;
  /**
   * Rows to post as `{"data": [[…]]}`.
   * @default - `request` is posted
   */
  readonly data?: number[][];
  /** @default - the answer must be JSON, whatever it says */
  readonly expect?: EndpointExpectation;
  /**
   * How long to wait until the endpoint answers.
   * @default 300
   */
  readonly readyTimeoutSeconds?: number;
  /**
   * The report's file, relative to the project's folder; the folders above it are made.
   * @default '.cdktf-brainwave/reports/<name>.json'
   */
  readonly reportFile?: string;
}

/**
 * Posts a request to an online endpoint after the deployment and fails the apply when the answer is wrong: what
 * `SmokeTest` does for web services over gRPC.
 */
export class EndpointSmokeTest extends Construct {
  /** The `terraform_data` that runs the test. */
  readonly resource: DataResource;
  /** The report's file, relative to the project's folder. */
  readonly reportFile: string;

  constructor(scope: Construct, id: string, props: EndpointSmokeTestProps) {
    super(scope, id);
    const { endpoint, expect = {}, readyTimeoutSeconds = 300 } = props;
    const { jsonPath, equals, argmax } = expect;
    if (jsonPath !== undefined) {
      withConstructPath(this, () => requireJsonPath(jsonPath));
    }
    requireNumber(
      this,
      'argmax',
      argmax,
      'a whole number from 0',
      (value) => Number.isInteger(value) && value >= 0,
    );
    requireNumber(this, 'readyTimeoutSeconds', readyTimeoutSeconds, 'a number above 0', (value) => value > 0);
    const name = nameFromPath(this);
    this.reportFile = props.reportFile ?? `.cdktf-brainwave/reports/${name}.json`;
    const request = stagedAsset(this, 'Request', 'request.json', this.body(props));
    const { scoringUri, primaryKey, secondaryKey, rootCertificateFile } = endpoint;
    // A provisioner whose environment holds a key shows no output: the test finds the keys in a file.
    const writesKeys =
      primaryKey !== undefined && secondaryKey !== undefined
        ? secretStep(
            'write-smoke-test-keys',
            { name },
            { CDKTF_BRAINWAVE_PRIMARY_KEY: primaryKey, CDKTF_BRAINWAVE_SECONDARY_KEY: secondaryKey },
          )
        : undefined;
    const keyFile = writesKeys ? `.cdktf-brainwave/smoke-tests/${name}/keys.json` : endpoint.keyFile;
    const specification = {
      target: {
        scoringUri,
        ...(keyFile !== undefined && { keyFile }),
        ...(rootCertificateFile !== undefined && { rootCertificateFile }),
      },
      request: request.path,
      expect: {
        ...(jsonPath !== undefined && { jsonPath }),
        ...(equals !== undefined && { equals }),
        ...(argmax !== undefined && { argmax }),
      },
      readyTimeoutSeconds,
      reportFile: this.reportFile,
      ...(writesKeys && { temporaryKeys: name }),
    };
    this.resource = new DataResource(this, 'Run', {
      triggersReplace: { endpoint: endpoint.revision, specification: jsonTemplate(specification) },
      provisioners: [...(writesKeys ? [writesKeys] : []), createStep('endpoint-smoke-test', specification)],
    });
    // An endpoint's deployments may be declared after its test.
    this.resource.dependsOn = Lazy.listValue({
      produce: () => dependablesFor(this, endpoint.dependables).map((each) => dependable(each)),
    });
  }

  private body({ request, data }: EndpointSmokeTestProps): Uint8Array {
    if ((request === undefined) === (data === undefined)) {
      throw new ConstructError(
        this,
        `got ${request === undefined ? 'neither request nor data' : 'both request and data'}; ` +
          'set one of them: the file with the JSON to post, or rows of numbers',
      );
    }
    return request === undefined ? Buffer.from(JSON.stringify({ data })) : this.readRequest(request);
  }

  private readRequest(file: string): Uint8Array {
    requireKnown(this, 'request', file);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      throw new ConstructError(
        this,
        `there is no request ${path.normalize(file)}; paths are relative to the working directory`,
      );
    }
    const content = readFileSync(file);
    try {
      JSON.parse(content.toString('utf8'));
    } catch (error) {
      throw new ConstructError(
        this,
        `the request ${file} is not JSON (${(error as Error).message}); expected a body such as {"data": [[0, 1]]}`,
      );
    }
    return content;
  }
}
