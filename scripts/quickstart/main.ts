import { deploy } from './deploy';
import { destroy } from './destroy';

const run = process.argv[2] === 'destroy' ? destroy : deploy;

run().catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
