import type { TerraformStack } from 'cdktf';
import type { ImageClassifierProps } from 'cdktf-brainwave';

/** Declares the backend and the providers in a stack, and returns the parts of the service that differ by platform. */
export type Platform = (
  stack: TerraformStack,
) => Pick<ImageClassifierProps, 'workspace' | 'compute' | 'ssl' | 'dnsZone'>;
