import path from 'node:path';

import { makeWheel } from './wheel';

const say = (line: string) => process.stdout.write(`${line}\n`);

makeWheel(process.env.PYTHON ?? 'python3', say)
  .then((wheel) => say(`pip install ${path.relative(process.cwd(), wheel)}`))
  .catch((error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
