#!/usr/bin/env node
import type { Commands } from './command-line';

const COMMANDS: Commands = new Map([
  ['init', () => (require('./init') as typeof import('./init')).registerInitCommand],
  ['score', () => (require('./score') as typeof import('./score')).registerScoreCommand],
  ['smoke-test', () => (require('./smoke-test') as typeof import('./smoke-test')).registerSmokeTestCommand],
  ['playground', () => (require('./playground') as typeof import('./playground')).registerPlaygroundCommand],
  ['serve', () => (require('./serve') as typeof import('./serve')).registerServeCommand],
  [
    'serve-entry-script',
    () =>
      (require('./serve-entry-script') as typeof import('./serve-entry-script'))
        .registerServeEntryScriptCommand,
  ],
  ['local', () => (require('./local') as typeof import('./local')).registerLocalCommand],
  ['health', () => (require('./health') as typeof import('./health')).registerHealthCommand],
  [
    'triton-repository',
    () =>
      (require('./triton-repository') as typeof import('./triton-repository'))
        .registerTritonRepositoryCommand,
  ],
  [
    'image-context',
    () => (require('./image-context') as typeof import('./image-context')).registerImageContextCommand,
  ],
  [
    'plan-impact',
    () => (require('./plan-impact') as typeof import('./plan-impact')).registerPlanImpactCommand,
  ],
  ['doctor', () => (require('./doctor') as typeof import('./doctor')).registerDoctorCommand],
]);

switch (process.argv[2]) {
  case 'score':
  case 'smoke-test':
    (require('./calls') as typeof import('./calls')).runCalls();
    break;
  case 'serve':
    (require('./server') as typeof import('./server')).runServer();
    break;
  default:
    (require('./command-line') as typeof import('./command-line')).runCommandLine(COMMANDS);
}
