import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { DataResource, Token } from 'cdktf';
import { Construct } from 'constructs';

import { ConstructError } from './construct-error';
import { createStep } from './provisioner-step';
import { nameFromPath } from './resource-name';
import { stagedAsset } from './staged-asset';
import type { IWebservice } from './webservice';

/** What the sample image must be taken for. */
export interface SmokeTestExpectation {
  /**
   * The first class's name, as in the model's labels.
   * @default - not checked
   */
  readonly label?: string;
  /**
   * The first class's number.
   * @default - not checked
   */
  readonly classIndex?: number;
  /**
   * What the first class's probability must reach, from 0 to 1.
   * @default - not checked
   */
  readonly minimumProbability?: number;
}

export interface SmokeTestProps {
  readonly service: IWebservice;
  /** The image to score, relative to the working directory. */
  readonly image: string;
  /** @default - the service must answer with probabilities, whatever they are */
  readonly expect?: SmokeTestExpectation;
  /**
   * The classes' names, class 0 first.
   * @default - the model's
   */
  readonly labels?: string[];
  /**
   * How long to wait until the service is ready.
   * @default 300
   */
  readonly readyTimeoutSeconds?: number;
  /**
   * The report's file, relative to the project's folder.
   * @default '.cdktf-brainwave/reports/<name>.json'
   */
  readonly reportFile?: string;
}

/**
 * Scores a sample image after the deployment and fails the apply when the service is wrong.
 *
 * It runs after the service and whatever stands between it and its clients, and again whenever the model, the
 * image, the certificate, the keys or the address has changed. Its key is read from a file at apply, so that
 * Terraform does not hide its progress.
 */
export class SmokeTest extends Construct {
  /** The `terraform_data` that runs the test. */
  readonly resource: DataResource;
  /** The report's file, relative to the project's folder. */
  readonly reportFile: string;

  constructor(scope: Construct, id: string, props: SmokeTestProps) {
    super(scope, id);
    const { service, image, expect = {}, readyTimeoutSeconds = 300 } = props;
    const labels = props.labels ?? service.model.labels;
    this.checkExpectation(expect, labels);
    this.reportFile = props.reportFile ?? `.cdktf-brainwave/reports/${nameFromPath(this)}.json`;
    const imageAsset = stagedAsset(this, 'Image', path.basename(image), this.readImage(image));
    const labelsAsset = labels && stagedAsset(this, 'Labels', 'labels.txt', Buffer.from(`${labels.join('\n')}\n`));
    const { address, port, hostname, keyFile, rootCertificateFile, revision, dependables } = service.endpoint;
    const specification = {
      target: {
        address,
        port,
        ...(hostname !== undefined && { hostname }),
        ...(keyFile !== undefined && { keyFile }),
        ...(rootCertificateFile !== undefined && { rootCertificateFile }),
      },
      model: service.model.modelName,
      image: imageAsset.path,
      ...(labelsAsset && { labels: labelsAsset.path }),
      expect: {
        ...(expect.label !== undefined && { label: expect.label }),
        ...(expect.classIndex !== undefined && { classIndex: expect.classIndex }),
        ...(expect.minimumProbability !== undefined && { minimumProbability: expect.minimumProbability }),
      },
      readyTimeoutSeconds,
      reportFile: this.reportFile,
    };
    this.resource = new DataResource(this, 'Run', {
      triggersReplace: { service: revision, specification },
      provisioners: [createStep('smoke-test', specification)],
      dependsOn: dependables,
    });
  }

  private readImage(image: string): Uint8Array {
    if (!statSync(image, { throwIfNoEntry: false })?.isFile()) {
      throw new ConstructError(this, `there is no image ${image}; paths are relative to the working directory`);
    }
    return readFileSync(image);
  }

  private checkExpectation(expect: SmokeTestExpectation, labels: readonly string[] | undefined): void {
    const { label, minimumProbability } = expect;
    if (label !== undefined && !Token.isUnresolved(label)) {
      if (!labels) {
        throw new ConstructError(
          this,
          `the label "${label}" is expected but the model has no labels; ` +
            'give the service definition its labels, or expect a classIndex',
        );
      }
      if (!labels.includes(label)) {
        throw new ConstructError(this, `the label "${label}" is expected, which is none of the model's ${labels.length}`);
      }
    }
    if (
      minimumProbability !== undefined &&
      !Token.isUnresolved(minimumProbability) &&
      !(minimumProbability >= 0 && minimumProbability <= 1)
    ) {
      throw new ConstructError(this, `minimumProbability is ${minimumProbability}; expected a number from 0 to 1`);
    }
  }
}
