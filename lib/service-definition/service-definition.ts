import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

import { unreadablePath } from '../validation/input-path';
import { elementCount, formatShape } from '../wire/tensor';
import {
  parseLabels,
  type ServiceDefinitionContent,
  ServiceDefinitionError,
} from './service-definition-content';
import { readSoftware } from './brainwave-outputs';
import { checkPipeline, stagesOf, type PipelineStage } from './pipeline-stages';
import type { StageJson } from './service-definition-json';
import type { SoftwareModel, Stage } from './stage';
import { readServiceDefinitionSync } from './zip-reader';
import { AML_RUNTIME_VERSION, writeServiceDefinition } from './zip-writer';

/** Properties of a service definition. */
export interface ServiceDefinitionProps {
  /** Stages of the pipeline, in order. */
  readonly stages: Stage[];
  /**
   * Path of a text file with one class name per line, class 0 first.
   * @default - responses identify classes by their number
   */
  readonly labels?: string | undefined;
}

/** What is added to a service definition that is read from a zip. */
export interface ServiceDefinitionFromZipOptions {
  /**
   * File that computes the features of the `brainwave` stage on the CPU. It replaces weights in the zip, for
   * example by their faster ONNX form.
   * @default - the weights in the zip; a zip of the 2018 SDK contains none and requires an accelerator
   */
  readonly software?: SoftwareModel | undefined;
  /**
   * Text file with one class name per line, class 0 first.
   * @default - the labels in the zip
   */
  readonly labels?: string | undefined;
}

/**
 * The content that a scoring server runs: a pipeline of stages with their files and optional class names.
 *
 * @throws ServiceDefinitionError if consecutive stages do not fit each other, two stages have the same name, or the
 * number of labels differs from the number of classes of the last stage, if it is known
 */
export class ServiceDefinition {
  /** @internal */
  readonly _content: ServiceDefinitionContent;
  private bytes?: Uint8Array | undefined;

  constructor(props: ServiceDefinitionProps) {
    checkPipeline(props.stages);
    const { parseServiceDefinition } =
      require('./parse-service-definition') as typeof import('./parse-service-definition');
    const labels = props.labels === undefined ? undefined : readLabels(props.labels, props.stages);
    this._content = {
      definition: parseServiceDefinition({
        aml_runtime_version: AML_RUNTIME_VERSION,
        pipeline: props.stages.map((stage) => stage.definition),
      }),
      files: new Map(props.stages.flatMap((stage) => [...stage.files])),
      ...(labels && { labels }),
    };
  }

  /**
   * Reads a zip that this library or the Azure ML SDK of 2018 or 2019 wrote. The graph with which the SDK decodes
   * images becomes an image stage, and the checkpoint of a `brainwave` stage becomes its software.
   * @param file path relative to the working directory
   * @throws ServiceDefinitionError naming the stage, the field or the file that is wrong, or the stages that do not fit each other
   */
  static fromZip(file: string, options: ServiceDefinitionFromZipOptions = {}): ServiceDefinition {
    const content = readServiceDefinitionSync(file);
    const replaced = options.software ? replaceSoftware(content, options.software) : content;
    const stages = stagesOf(replaced);
    checkPipeline(stages);
    const labels = options.labels === undefined ? content.labels : readLabels(options.labels, stages);
    const definition = Object.create(ServiceDefinition.prototype) as ServiceDefinition;
    return Object.assign(definition, { _content: { ...replaced, labels } });
  }

  /**
   * Writes the zip that a scoring server runs. The output is deterministic: the same content produces the same bytes.
   * @param file path relative to the working directory; an existing file is replaced
   */
  save(file: string): void {
    writeFileSync(file, this._toZip());
  }

  /** @internal Returns the zip as bytes, a type that jsii does not have. */
  _toZip(): Uint8Array {
    return (this.bytes ??= writeServiceDefinition(this._content));
  }

  /** SHA-256 of the zip, in hexadecimal. */
  get sha256(): string {
    return createHash('sha256').update(this._toZip()).digest('hex');
  }
}

function replaceSoftware(
  content: ServiceDefinitionContent,
  software: SoftwareModel,
): ServiceDefinitionContent {
  const { pipeline } = content.definition;
  const stages = pipeline.filter((stage) => stage.type === 'brainwave');
  const stage = stages.at(0);
  if (stage === undefined || stages.length > 1) {
    throw new ServiceDefinitionError(
      `software applies to exactly one brainwave stage, but the zip has ${stages.length}; omit software, or create the ` +
        'definition with new ServiceDefinition',
    );
  }
  const { type, fields, files: added } = readSoftware(stage.name, software, stage);
  const files = new Map(content.files);
  if (stage.software) {
    files.delete(stage.software.model_path);
  }
  for (const [name, bytes] of added) {
    files.set(name, bytes);
  }
  const changed = {
    ...stage,
    software: { type, ...fields },
  };
  const [first, ...rest] = pipeline;
  const replace = (each: StageJson) => (each === stage ? changed : each);
  return {
    definition: { ...content.definition, pipeline: [replace(first), ...rest.map(replace)] },
    files,
  };
}

function readLabels(file: string, stages: readonly PipelineStage[]): string[] {
  const problem = unreadablePath('labels', file, 'file');
  if (problem !== undefined) {
    throw new ServiceDefinitionError(problem);
  }
  const labels = parseLabels(readFileSync(file, 'utf8'));
  if (labels.length === 0) {
    throw new ServiceDefinitionError(`the labels file ${file} is empty; expected one class name per line`);
  }
  // A softmax does not change the shape.
  const last = stages.filter((stage) => stage.definition.type !== 'softmax').at(-1);
  const sizes = last?.output?.slice(1) ?? [-1];
  if (last?.output && sizes.every((size) => size > 0) && elementCount(sizes) !== labels.length) {
    const empty = labels.indexOf('') + 1;
    throw new ServiceDefinitionError(
      `the labels file ${file} has ${labels.length} classes${empty ? ` (line ${empty} is empty)` : ''}, but stage "${last.name}" returns ` +
        `${formatShape(last.output)}; write one line per class, class 0 first`,
    );
  }
  return labels;
}
