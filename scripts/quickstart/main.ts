import { deploy } from './deploy';
import { destroy } from './destroy';

// Terraform's check for updates writes into the home directory; CDKTF runs Terraform at synth, too.
process.env.CHECKPOINT_DISABLE ??= '1';

const run = process.argv[2] === 'destroy' ? destroy : deploy;

run().catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
