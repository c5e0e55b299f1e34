import type { TerraformStack } from 'cdktf';
import type { ImageClassifierProps } from 'cdktf-brainwave';

/** Declares, in a stack, what the service stands on: backend and providers, and the parts that differ by platform. */
export type Platform = (
  stack: TerraformStack,
) => Pick<ImageClassifierProps, 'workspace' | 'compute' | 'ssl' | 'dnsZone'>;
