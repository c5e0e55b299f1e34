import test from 'node:test';

import { App } from 'cdktf';
import {
  assertCalledByName,
  assertCallersNeedKey,
  assertNoSecrets,
  assertSameAnywhere,
  assertSmokeTested,
  synthStack,
} from 'cdktf-brainwave/testing';

import { azure } from '../platforms/azure';
import { local } from '../platforms/local';
import { ScoringStack } from '../scoring-stack';

for (const [name, platform] of Object.entries({ azure, local })) {
  void test(`on ${name}, the service is tested, requires a key, and its JSON contains none`, () => {
    const stack = new ScoringStack(new App(), 'scoring', platform);
    const synthesized = synthStack(stack);

    assertSmokeTested(stack.service);
    assertCallersNeedKey(stack.service);
    assertNoSecrets(synthesized);
    assertSameAnywhere(synthesized);
  });
}

void test('on azure, the service is called by its host name', () => {
  assertCalledByName(new ScoringStack(new App(), 'scoring', azure).service, 'scoring.example.com');
});
