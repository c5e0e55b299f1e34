import assert from 'node:assert/strict';
import test from 'node:test';

import { App } from 'cdktf';
import {
  assertCallersNeedKey,
  assertNoSecrets,
  assertSameAnywhere,
  assertSmokeTested,
  synthStack,
} from 'cdktf-brainwave/testing';

import { ScoringStack } from '../scoring-stack';

void test('the service is tested after each change, requires a key, and its JSON contains none', () => {
  const stack = new ScoringStack(new App(), 'scoring');
  const synthesized = synthStack(stack);

  assertSmokeTested(stack.service);
  assertCallersNeedKey(stack.service);
  assertNoSecrets(synthesized);
  assertSameAnywhere(synthesized);
  assert.deepEqual(synthesized.annotations, []);
});
