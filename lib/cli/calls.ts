import { runCommandLine, type Commands } from './command-line';

const COMMANDS: Commands = new Map([
  ['score', () => (require('./score') as typeof import('./score')).registerScoreCommand],
  ['smoke-test', () => (require('./smoke-test') as typeof import('./smoke-test')).registerSmokeTestCommand],
]);

/**
 * Runs one of the commands that call a service. `npm run build` bundles this file with what it needs of the library, because
 * these commands would take longer to load a hundred files than to make their calls.
 */
export function runCalls(): void {
  runCommandLine(COMMANDS);
}
