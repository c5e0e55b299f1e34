import { BrainwaveError } from '../errors/brainwave-error';
import type { ImageStageJson, ServiceDefinitionJson, StageJson } from './service-definition-json';

/** Maximum number of characters of a stage's name. */
export const MAX_NAME_LENGTH = 128;
/** Maximum side of a resized image, in pixels. */
export const MAX_IMAGE_SIDE = 16_384;

/** A service definition in memory: the checked content of the zip. */
export interface ServiceDefinitionContent {
  /** `service_def.json`. */
  readonly definition: ServiceDefinitionJson;
  /** Model files that the stages reference, by path in the zip. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Class names (`labels.txt`), class 0 first; undefined if the definition has none. */
  readonly labels?: readonly string[] | undefined;
}

/** A service definition cannot be built, or a zip does not contain one. */
export class ServiceDefinitionError extends BrainwaveError {
  readonly code = 'SERVICE_DEFINITION_INVALID';
}

/**
 * Parses a labels file: one class name per line, class 0 first. Trailing blank lines are ignored; a blank line between
 * other lines is a class without a name.
 * @internal
 */
export function parseLabels(text: string): string[] {
  const trimmed = text.trimEnd();
  return trimmed === '' ? [] : trimmed.split('\n').map((line) => line.trim());
}

/** Output shape of an image stage, with the batch first. @internal */
export function imageShape({ crop, channels, layout }: ImageStageJson): number[] {
  return layout === 'NCHW' ? [-1, channels, crop, crop] : [-1, crop, crop, channels];
}

/** Whether a stage has several outputs by name. Only the last stage can. */
export function hasSeveralOutputs(stage: StageJson): boolean {
  return (
    ('output_tensors' in stage && stage.output_tensors !== undefined) ||
    ('output_tensors_dims' in stage && stage.output_tensors_dims !== undefined)
  );
}
