import { TerraformStack, Testing } from 'cdktf';
import type { IConstruct } from 'constructs';

import { BrainwaveError } from '../../lib/errors/brainwave-error';

/** A message that a construct attached to itself. */
export interface SynthAnnotation {
  /** The construct's path. */
  readonly path: string;
  /** `info`, `warning` or `error`. */
  readonly level: string;
  readonly message: string;
}

/** A stack as Terraform will read it. */
export interface SynthesizedStack {
  /** The content of `cdk.tf.json`. */
  readonly json: string;
  readonly annotations: SynthAnnotation[];
}

const LEVELS: ReadonlyMap<string, string> = new Map([
  ['@cdktf/info', 'info'],
  ['@cdktf/warn', 'warning'],
  ['@cdktf/error', 'error'],
]);

/** A stack that `cdktf synth` would refuse. */
export class SynthError extends BrainwaveError {
  readonly code = 'SYNTH_FAILED';
}

/**
 * Synthesizes a stack as `cdktf synth` does: with aspects, validations, annotations and references to the app's
 * other stacks. `Testing.synth` of `cdktf` runs no validations unless told to and knows of no annotations, so that
 * a test with it passes where synth fails.
 *
 * As at synth, a stack without a backend gets a local one, with an absolute path.
 *
 * @throws SynthError where a validation of the app or of a construct in the stack fails, or an error is attached to one;
 * its message names the construct as `cdktf synth` does
 */
export function synthStack(stack: TerraformStack): SynthesizedStack {
  // References between stacks become outputs of the one and data sources of the other.
  for (const each of stack.node.root.node.findAll()) {
    if (TerraformStack.isStack(each)) {
      each.prepareStack();
    }
  }
  // Aspects add to the tree: validations are asked once they have run, which the first synth makes them do.
  const json = Testing.synth(stack);
  const constructs = stack.node.findAll();
  const failures = constructs.flatMap((construct) =>
    construct.node.validate().map((message) => withPath(stack, construct.node.path, message)),
  );
  const annotations = constructs.flatMap(annotationsOf);
  const errors = annotations
    .filter(({ level }) => level === 'error')
    .map(({ path, message }) => withPath(stack, path, message));
  // `cdktf synth` asks the app when it has synthesized its stacks: the app alone, and not what is in it.
  const all = [...failures, ...errors, ...stack.node.root.node.validate()];
  if (all.length > 0) {
    throw new SynthError(`the stack does not synthesize:\n${all.join('\n')}`);
  }
  return { json, annotations };
}

/** The library's own messages begin with a path already: of the construct, or of the one that its user knows. */
function withPath({ node }: TerraformStack, path: string, message: string): string {
  const named = [`${node.path}/`, `${node.path}:`].some((beginning) => message.startsWith(beginning));
  return named ? message : `[${path}] ${message}`;
}

function annotationsOf(construct: IConstruct): SynthAnnotation[] {
  return construct.node.metadata.flatMap(({ type, data }) => {
    const level = LEVELS.get(type);
    return level === undefined ? [] : [{ path: construct.node.path, level, message: String(data) }];
  });
}
