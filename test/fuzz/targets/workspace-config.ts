import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { RootConstruct } from 'constructs';

import { ConstructError } from '../../../constructs/validation/construct-error';
import { readWorkspaceConfig } from '../../../constructs/workspace/workspace-config';
import { refusesWith } from '../refusal';

const folder = mkdtempSync(path.join(tmpdir(), 'cdktf-brainwave-fuzz-'));
const file = path.join(folder, 'config.json');
const scope = new RootConstruct('Fuzz');

process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});

/** A `config.json` names a workspace, or is refused. */
export async function fuzz(data: Buffer): Promise<void> {
  writeFileSync(file, data);
  const found = await refusesWith([ConstructError], () => readWorkspaceConfig(scope, { path: file }));
  if (found && !/^\/subscriptions\/[^]+\/resourceGroups\/[^]+\/workspaces\/[^]+$/.test(found.workspaceId)) {
    throw new Error(`accepted the id ${found.workspaceId}`);
  }
}
