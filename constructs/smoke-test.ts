import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { DataResource, Lazy, TerraformStack, Token, dependable, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import { ConstructError } from './construct-error';
import { dependablesFor } from './dependables';
import { jsonTemplate } from './json-template';
import { projectPath } from './project-path';
import { createStep, secretStep } from './provisioner-step';
import { nameFromPath } from './resource-name';
import { requireKnown, requireNumber } from './synth-value';
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
   * @default 300, or as long as a change may take to reach all machines
   */
  readonly readyTimeoutSeconds?: number;
  /**
   * The report's file, relative to the project's folder; the folders above it are made.
   * @default '.cdktf-brainwave/reports/<name>.json'
   */
  readonly reportFile?: string;
}

/**
 * Scores a sample image after the deployment and fails the apply when the service is wrong.
 *
 * It runs after the service and whatever stands between it and its clients, and again whenever the model, the
 * image, the certificate, the keys or the address has changed. Its key is read from a file at apply, so that
 * Terraform does not hide its progress; where the keys are Terraform values, a step before it writes that file and
 * the test removes it.
 */
export class SmokeTest extends Construct {
  /** The `terraform_data` that runs the test. */
  readonly resource: DataResource;
  /** The report's file, relative to the project's folder. */
  readonly reportFile: string;

  constructor(scope: Construct, id: string, props: SmokeTestProps) {
    super(scope, id);
    const { service, image, expect = {} } = props;
    const { readyTimeoutSeconds = service.endpoint.rollout?.timeoutSeconds ?? 300 } = props;
    const labels = props.labels ?? service.model?.labels;
    if (labels) {
      this.checkLabels(labels);
    }
    this.checkExpectation(expect, labels);
    requireNumber(this, 'readyTimeoutSeconds', readyTimeoutSeconds, 'a number above 0', (value) => value > 0);
    this.reportFile = this.projectReportFile(props.reportFile);
    const imageAsset = stagedAsset(this, 'Image', path.basename(image), this.readImage(image));
    const labelsAsset =
      labels && stagedAsset(this, 'Labels', 'labels.txt', Buffer.from(`${labels.join('\n')}\n`));
    const { address, port, hostname, rootCertificateFile, revision, dependables } = service.endpoint;
    const { primaryKey, secondaryKey, rollout } = service.endpoint;
    // Two provisioners of one resource: when the test has failed and runs again, its keys are written again, too.
    const name = nameFromPath(this);
    const writesKeys =
      hostname !== undefined && primaryKey !== undefined && secondaryKey !== undefined
        ? secretStep(
            'write-smoke-test-keys',
            { name },
            { CDKTF_BRAINWAVE_PRIMARY_KEY: primaryKey, CDKTF_BRAINWAVE_SECONDARY_KEY: secondaryKey },
          )
        : undefined;
    const keyFile = writesKeys ? `.cdktf-brainwave/smoke-tests/${name}/keys.json` : service.endpoint.keyFile;
    const specification = {
      target: {
        address,
        port,
        ...(hostname !== undefined && { hostname }),
        ...(keyFile !== undefined && { keyFile }),
        ...(rootCertificateFile !== undefined && { rootCertificateFile }),
      },
      ...(service.model && { model: service.model.modelName }),
      image: imageAsset.path,
      ...(labelsAsset && { labels: labelsAsset.path }),
      expect: {
        ...(expect.label !== undefined && { label: expect.label }),
        ...(expect.classIndex !== undefined && { classIndex: expect.classIndex }),
        ...(expect.minimumProbability !== undefined && { minimumProbability: expect.minimumProbability }),
      },
      readyTimeoutSeconds,
      ...(rollout && {
        rollout: { modelVersion: rollout.modelVersion, connections: rollout.connections },
      }),
      reportFile: this.reportFile,
      ...(writesKeys && { temporaryKeys: name }),
    };
    this.resource = new DataResource(this, 'Run', {
      triggersReplace: { service: revision, specification: jsonTemplate(specification) },
      provisioners: [...(writesKeys ? [writesKeys] : []), createStep('smoke-test', specification)],
    });
    // Records of the service may be declared after its test.
    this.resource.dependsOn = Lazy.listValue({
      produce: () =>
        dependablesFor(this, [...dependables, ...this.prerequisitesOf(service)]).map((each) =>
          dependable(each),
        ),
    });
  }

  /** A stack with the service's records needs the service's stack: a test in that one cannot wait for them. */
  private prerequisitesOf(service: IWebservice): readonly ITerraformDependable[] {
    const stack = TerraformStack.of(this);
    const all = service.clientPrerequisites;
    return TerraformStack.of(service) === stack
      ? all.filter((each) => !Construct.isConstruct(each) || TerraformStack.of(each) === stack)
      : all;
  }

  private projectReportFile(file: string | undefined): string {
    if (file === undefined) {
      return `.cdktf-brainwave/reports/${nameFromPath(this)}.json`;
    }
    return !Token.isUnresolved(file) && path.isAbsolute(file) ? projectPath(file) : file;
  }

  private readImage(image: string): Uint8Array {
    requireKnown(this, 'image', image);
    if (!statSync(image, { throwIfNoEntry: false })?.isFile()) {
      throw new ConstructError(
        this,
        `there is no image ${image}; paths are relative to the working directory`,
      );
    }
    const content = readFileSync(image);
    if (content.length === 0) {
      throw new ConstructError(this, `the image ${image} is empty; expected a JPEG, PNG, WebP, GIF or TIFF`);
    }
    return content;
  }

  private checkLabels(labels: readonly string[]): void {
    requireKnown(this, 'labels', labels);
    const broken = labels.findIndex((label) => /[\r\n]/.test(label));
    if (broken >= 0) {
      throw new ConstructError(
        this,
        `the label of class ${broken} has a line break, and labels travel a line each; write it on one line`,
      );
    }
  }

  private checkExpectation(expect: SmokeTestExpectation, labels: readonly string[] | undefined): void {
    const { label, classIndex, minimumProbability } = expect;
    if (label !== undefined && !Token.isUnresolved(label)) {
      this.checkLabel(label, labels);
    }
    const last = labels ? labels.length - 1 : Infinity;
    const range = labels ? `from 0 to ${last}: the model has ${labels.length} labels` : 'from 0';
    requireNumber(
      this,
      'classIndex',
      classIndex,
      `a whole number ${range}`,
      (value) => Number.isInteger(value) && value >= 0 && value <= last,
    );
    requireNumber(
      this,
      'minimumProbability',
      minimumProbability,
      'a number from 0 to 1',
      (value) => value >= 0 && value <= 1,
    );
  }

  private checkLabel(label: string, labels: readonly string[] | undefined): void {
    if (!labels) {
      throw new ConstructError(
        this,
        `the label "${label}" is expected but the model has no labels; ` +
          'give the service definition its labels, or expect a classIndex',
      );
    }
    if (!labels.includes(label)) {
      const near = labels.filter((candidate) => resembles(candidate, label)).slice(0, 3);
      throw new ConstructError(
        this,
        `the label "${label}" is expected, which is none of the model's ${labels.length}` +
          (near.length > 0 ? `; did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : ''),
      );
    }
  }
}

/** Whether a name was probably meant: it differs in case, spaces or signs, or is a part of the other. */
function resembles(candidate: string, label: string): boolean {
  const [left, right] = [candidate, label].map((text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''));
  return left !== '' && right !== '' && (left.includes(right) || right.includes(left));
}
