import { AnnotationMetadataEntryType } from 'cdktf';
import type { IConstruct } from 'constructs';

/**
 * Attaches a warning to a construct, which synth prints with the construct's path.
 *
 * `Annotations.of(construct).addWarning` does the same but records a stack trace, which puts absolute paths of this
 * machine into `cdktf.out/manifest.json`, so its bytes would depend on the folder.
 *
 * @internal
 */
export function addWarning(construct: IConstruct, message: string): void {
  construct.node.addMetadata(AnnotationMetadataEntryType.WARN, message);
}
