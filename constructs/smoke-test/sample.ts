import path from 'node:path';

import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import { describeForeignBytes, FORMATS } from '../../lib/validation/image-format';
import type { SmokeTestExpectation } from '../../lib/smoke-test/smoke-test-options';
import { stagedAsset } from '../terraform/project-files';
import { ConstructError } from '../validation/construct-error';
import { readInputFile } from '../validation/input-file';

/** Options of a sample. */
export interface SampleOptions {
  /**
   * Expected answer to this sample.
   * @default - `expect` of the smoke test
   */
  readonly expect?: SmokeTestExpectation | undefined;
}

/** What a smoke test sends: images to a web service, JSON to an online endpoint. */
export abstract class Sample {
  /**
   * An image for a web service to score.
   * @param file JPEG, PNG, WebP, GIF or TIFF, relative to the working directory
   */
  static image(file: string, options: SampleOptions = {}): Sample {
    return new Image(file, options.expect);
  }

  /**
   * A request for an online endpoint.
   * @param file JSON to post, relative to the working directory
   */
  static request(file: string, options: SampleOptions = {}): Sample {
    return new Request(file, options.expect);
  }

  /**
   * A request for an online endpoint that consists of rows of numbers.
   * @param rows posted as `{"data": [[…]]}`
   */
  static data(rows: number[][], options: SampleOptions = {}): Sample {
    return new Data(rows, options.expect);
  }

  /** Whether the sample is for online endpoints. Other samples are for web services. */
  abstract readonly isRequest: boolean;

  protected constructor(
    /** Expected answer to this sample. `undefined`: that of the smoke test. */
    readonly expect: SmokeTestExpectation | undefined,
  ) {}

  /**
   * Adds the sample's file to the stack.
   * @param id unique in `scope`
   * @returns path of the file, relative to the stack's folder
   * @throws ConstructError for a file that is missing, empty or not of the sample's kind
   */
  abstract bind(scope: Construct, id: string): string;
}

class Image extends Sample {
  readonly isRequest = false;

  constructor(
    private readonly file: string,
    expect: SmokeTestExpectation | undefined,
  ) {
    super(expect);
  }

  bind(scope: Construct, id: string): string {
    const content = readInputFile(scope, 'the image of a sample', this.file);
    const foreign = describeForeignBytes(content);
    if (foreign !== undefined) {
      throw new ConstructError(scope, `the image ${this.file} ${foreign}; expected a ${FORMATS}`);
    }
    return stagedAsset(scope, id, path.basename(this.file), content).path;
  }
}

class Request extends Sample {
  readonly isRequest = true;

  constructor(
    private readonly file: string,
    expect: SmokeTestExpectation | undefined,
  ) {
    super(expect);
  }

  bind(scope: Construct, id: string): string {
    const content = readInputFile(scope, 'the request of a sample', this.file);
    try {
      JSON.parse(content.toString('utf8'));
    } catch (error) {
      throw new ConstructError(
        scope,
        `the request ${this.file} is not JSON (${(error as Error).message}); expected a body such as ` +
          '{"data": [[0, 1]]}',
      );
    }
    return stagedAsset(scope, id, path.basename(this.file), content).path;
  }
}

class Data extends Sample {
  readonly isRequest = true;

  constructor(
    private readonly rows: number[][],
    expect: SmokeTestExpectation | undefined,
  ) {
    super(expect);
  }

  bind(scope: Construct, id: string): string {
    if (Token.isUnresolved(this.rows) || this.rows.flat().some((value) => Token.isUnresolved(value))) {
      throw new ConstructError(
        scope,
        'the data of a sample contains tokens that are resolved only at apply, but its values are needed at synth; pass literal numbers',
      );
    }
    return stagedAsset(scope, id, 'request.json', Buffer.from(JSON.stringify({ data: this.rows }))).path;
  }
}
