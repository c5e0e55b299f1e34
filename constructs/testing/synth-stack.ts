import { TerraformStack, Testing } from 'cdktf';
import type { IConstruct } from 'constructs';

import { BrainwaveError } from '../../lib/errors/brainwave-error';
import { withoutPrinting } from '../validation/warning';

/** A message that a construct attached to itself. */
export interface SynthAnnotation {
  /** Path of the construct. */
  readonly path: string;
  /** `info`, `warning` or `error`. */
  readonly level: string;
  readonly message: string;
}

/** A synthesized stack. */
export interface SynthesizedStack {
  /** Content of `cdk.tf.json`. */
  readonly json: string;
  readonly annotations: SynthAnnotation[];
}

const LEVELS: ReadonlyMap<string, string> = new Map([
  ['@cdktf/info', 'info'],
  ['@cdktf/warn', 'warning'],
  ['@cdktf/error', 'error'],
]);

/** `cdktf synth` would reject the stack. */
export class SynthError extends BrainwaveError {
  readonly code = 'SYNTH_FAILED';
}

/**
 * Synthesizes a stack like `cdktf synth`: with aspects, validations, annotations and references to other stacks of the
 * app. `Testing.synth` of `cdktf` runs validations only on request and ignores annotations, so a test that uses it can
 * pass although synth fails.
 *
 * As in synth, a stack without a backend gets a local one with an absolute path.
 *
 * @throws SynthError if a validation of the app or of a construct in the stack fails, or an error annotation is attached to
 * a construct; its message names the construct as `cdktf synth` does
 */
export function synthStack(stack: TerraformStack): SynthesizedStack {
  // References between stacks become outputs of one stack and data sources of the other.
  for (const each of stack.node.root.node.findAll()) {
    if (TerraformStack.isStack(each)) {
      each.prepareStack();
    }
  }
  // Aspects can add constructs, so validations must run after them. The first synth runs the aspects.
  const json = Testing.synth(stack);
  const constructs = stack.node.findAll();
  const failures = withoutPrinting(() =>
    constructs.flatMap((construct) =>
      construct.node.validate().map((message) => withPath(stack, construct.node.path, message)),
    ),
  );
  const annotations = constructs.flatMap(annotationsOf);
  const errors = annotations
    .filter(({ level }) => level === 'error')
    .map(({ path, message }) => withPath(stack, path, message));
  // After the stacks, `cdktf synth` validates the app itself, without the constructs in it.
  const all = [...failures, ...errors, ...stack.node.root.node.validate()];
  if (all.length > 0) {
    throw new SynthError(`the stack cannot be synthesized:\n${all.join('\n')}`);
  }
  return { json, annotations };
}

/** The library's own messages already begin with the path of the construct, or of the one that the user declared. */
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
