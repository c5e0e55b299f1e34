import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { productionLock } from './production-lock';

/** Prints the CycloneDX bill of materials of the packages that the library's users install. */
function main(): void {
  const parent = mkdtempSync(path.join(tmpdir(), 'brainwave-sbom-'));
  // npm uses the folder's name as the project's name.
  const folder = path.join(parent, 'cdktf-brainwave');
  mkdirSync(folder);
  try {
    const { manifest, lock } = productionLock();
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
    const { status } = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
      cwd: folder,
      stdio: 'inherit',
    });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

main();
