import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { ConstructError, requireKnownProps } from '../validation/construct-error';
import { requireInput } from '../validation/input-file';
import type { WorkspaceAttributes } from './imported-workspace';

/** Location of Azure ML's `config.json`. */
export interface WorkspaceConfigProps {
  /**
   * Folder in which the search starts, or the file itself; relative to the working directory.
   * @default - the working directory
   */
  readonly path?: string | undefined;
}

const WORKSPACE_CONFIG_PROPS: KnownKeys<WorkspaceConfigProps> = { path: true };

const FILE_NAME = 'config.json';
const FOLDER_NAME = '.azureml';
const FIELDS = ['subscription_id', 'resource_group', 'workspace_name'] as const;

/**
 * Reads Azure ML's `config.json`.
 * @throws ConstructError if the file does not exist or is invalid
 * @internal
 */
export function readWorkspaceConfig(scope: Construct, props: WorkspaceConfigProps): WorkspaceAttributes {
  requireKnownProps(scope, props, WORKSPACE_CONFIG_PROPS);
  const file = findFile(scope, path.resolve(props.path ?? '.'));
  const shown = path.relative(process.cwd(), file) || file;
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConstructError(
      scope,
      `${shown} is not JSON (${(error as Error).message}); download it again from the workspace's page in the Azure portal`,
      { cause: error },
    );
  }
  const fields = (config ?? {}) as Record<string, unknown>;
  const missing = FIELDS.filter((field) => typeof fields[field] !== 'string' || fields[field] === '');
  if (missing.length > 0) {
    throw new ConstructError(
      scope,
      `${shown} has no ${missing.join(', ')}; expected {"subscription_id": "…", "resource_group": "…", "workspace_name": "…"}`,
    );
  }
  const [subscription, resourceGroup, workspace] = FIELDS.map((field) => fields[field] as string);
  return {
    workspaceId:
      `/subscriptions/${subscription}/resourceGroups/${resourceGroup}` +
      `/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`,
  };
}

function findFile(scope: Construct, start: string): string {
  requireInput(scope, 'path', start);
  if (statSync(start).isFile()) {
    return start;
  }
  for (let folder = start; ; folder = path.dirname(folder)) {
    const file = [path.join(folder, FILE_NAME), path.join(folder, FOLDER_NAME, FILE_NAME)].find(isFile);
    if (file !== undefined) {
      return file;
    }
    if (path.dirname(folder) === folder) {
      throw new ConstructError(
        scope,
        `${FILE_NAME} does not exist in ${start}, its folder ${FOLDER_NAME}, or a parent folder; ` +
          "download it from the workspace's page in the Azure portal, or use Workspace.fromWorkspaceAttributes",
      );
    }
  }
}

function isFile(file: string): boolean {
  return existsSync(file) && statSync(file).isFile();
}
