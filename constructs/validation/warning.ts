import { AnnotationMetadataEntryType } from 'cdktf';
import type { IConstruct } from 'constructs';

let printing = true;

/**
 * Attaches a warning to a construct. `cdktf` prints it with the construct's path; so does a program that synthesizes without
 * it, such as `npx tsx main.ts`.
 *
 * `Annotations.of(construct).addWarning` does the same but records a stack trace, which puts absolute paths of this
 * machine into `cdktf.out/manifest.json`, so its bytes would depend on the folder.
 *
 * @internal
 */
export function addWarning(construct: IConstruct, message: string): void {
  const { node } = construct;
  node.addMetadata(AnnotationMetadataEntryType.WARN, message);
  // Synth runs the validations once.
  node.addValidation({
    validate: () => {
      // The command-line interface of CDKTF sets the variable, because it prints the annotations of the manifest itself.
      if (printing && process.env.CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS === undefined) {
        process.stderr.write(`Warning: [${node.path}] ${message}\n`);
      }
      return [];
    },
  });
}

/** Runs work that returns the warnings instead of printing them. @internal */
export function withoutPrinting<T>(work: () => T): T {
  printing = false;
  try {
    return work();
  } finally {
    printing = true;
  }
}
