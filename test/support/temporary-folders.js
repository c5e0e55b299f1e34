const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

/**
 * What tests, and cdktf under them, leave in the temporary folder goes with the run. The name is short: sockets have
 * paths of some 100 characters at most.
 */
module.exports = () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bw-'));
  process.env.TMPDIR = folder;
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
};
