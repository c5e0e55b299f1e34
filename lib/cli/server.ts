import { runCommandLine, type Commands } from './command-line';
import { registerServeCommand } from './serve';

const COMMANDS: Commands = new Map([['serve', () => registerServeCommand]]);

/** Runs `serve`. `npm run build` bundles this file, because loading its 350 files one by one takes longer than starting Node.js. */
export function runServer(): void {
  runCommandLine(COMMANDS);
}
