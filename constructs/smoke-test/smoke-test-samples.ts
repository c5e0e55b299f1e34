import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import type { Construct } from 'constructs';

import { stagedAsset } from '../terraform/project-files';
import { ConstructError } from '../validation/construct-error';
import { requireKnown } from '../validation/synth-value';
import { expectationOf, requireImageExpectation, type SmokeTestExpectation } from './smoke-test-expectation';

/** An image of a smoke test. */
export interface SmokeTestImage {
  /** The image to score, relative to the working directory. */
  readonly image: string;
  /** @default - the smoke test's expectation */
  readonly expect?: SmokeTestExpectation | undefined;
}

/** What is sent, as the step takes it. */
export interface StagedSample {
  /** Relative to the stack's folder. */
  readonly path: string;
  readonly expect?: Record<string, unknown> | undefined;
}

/** @throws ConstructError for an image that is missing, empty, or has another's name */
export function stageImages(
  scope: Construct,
  images: readonly SmokeTestImage[],
  labels: readonly string[] | undefined,
): StagedSample[] {
  const names = images.map(({ image }) => path.basename(image));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ConstructError(
      scope,
      `two images are called ${twice}, and reports and baselines know images by their names; rename one of them`,
    );
  }
  return images.map(({ image, expect }, index) => {
    if (expect) {
      requireImageExpectation(scope, expect, labels);
    }
    const content = readImage(scope, image);
    const asset = stagedAsset(scope, index === 0 ? 'Image' : `Image${index + 1}`, names[index], content);
    return { path: asset.path, ...(expect && { expect: expectationOf(expect) }) };
  });
}

/** @throws ConstructError unless there is one of the two, and JSON */
export function stageRequest(
  scope: Construct,
  { request, data }: { readonly request?: string | undefined; readonly data?: number[][] | undefined },
): StagedSample {
  if ((request === undefined) === (data === undefined)) {
    throw new ConstructError(
      scope,
      `got ${request === undefined ? 'neither request nor data' : 'both request and data'}; ` +
        'set one of them: the file with the JSON to post, or rows of numbers',
    );
  }
  const content = request === undefined ? Buffer.from(JSON.stringify({ data })) : readRequest(scope, request);
  return { path: stagedAsset(scope, 'Request', 'request.json', content).path };
}

/** A line a class. */
export function stageLabels(scope: Construct, labels: readonly string[]): string {
  requireKnown(scope, 'labels', labels);
  const broken = labels.findIndex((label) => /[\r\n]/.test(label));
  if (broken >= 0) {
    throw new ConstructError(
      scope,
      `the label of class ${broken} has a line break, and labels travel a line each; write it on one line`,
    );
  }
  return stagedAsset(scope, 'Labels', 'labels.txt', Buffer.from(`${labels.join('\n')}\n`)).path;
}

function readImage(scope: Construct, image: string): Uint8Array {
  requireKnown(scope, 'image', image);
  if (!statSync(image, { throwIfNoEntry: false })?.isFile()) {
    throw new ConstructError(
      scope,
      `there is no image ${image}; paths are relative to the working directory`,
    );
  }
  const content = readFileSync(image);
  if (content.length === 0) {
    throw new ConstructError(scope, `the image ${image} is empty; expected a JPEG, PNG, WebP, GIF or TIFF`);
  }
  return content;
}

function readRequest(scope: Construct, file: string): Uint8Array {
  requireKnown(scope, 'request', file);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new ConstructError(
      scope,
      `there is no request ${path.normalize(file)}; paths are relative to the working directory`,
    );
  }
  const content = readFileSync(file);
  try {
    JSON.parse(content.toString('utf8'));
  } catch (error) {
    throw new ConstructError(
      scope,
      `the request ${file} is not JSON (${(error as Error).message}); expected a body such as {"data": [[0, 1]]}`,
    );
  }
  return content;
}
