/**
 * Utilities for tests of stacks that use these constructs: a synth with validation, assertions and fakes.
 *
 * @module cdktf-brainwave/testing
 */

export {
  assertCallersNeedKey,
  assertCalledByName,
  assertNoSecrets,
  assertSameAnywhere,
  assertSmokeTested,
  StackAssertionError,
} from './assertions';
export { FakeCompute } from './fake-compute';
export { FakeOnlineEndpoint, type FakeOnlineEndpointProps } from './fake-online-endpoint';
export { FakeWebservice, type FakeWebserviceProps } from './fake-webservice';
export { FakeWorkspace } from './fake-workspace';
export { SynthError, synthStack, type SynthAnnotation, type SynthesizedStack } from './synth-stack';
