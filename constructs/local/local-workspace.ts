import { Construct } from 'constructs';

import { FolderLayout } from '../../lib/contract/folder-layout';
import type { StepInput } from '../../lib/contract/steps';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { nameFromPath } from '../azure/derived-name';
import { jsonTemplate } from '../terraform/json-template';
import { projectPath } from '../terraform/project-files';
import { createStep, destroyStep } from '../terraform/provisioner-step';
import { requireKnown } from '../validation/synth-value';
import { TerraformData } from '../terraform/terraform-data';
import type {
  IWorkspace,
  ModelRegistration,
  RegisteredModelLocation,
} from '../workspace/workspace-reference';
import { requireKnownProps } from '../validation/construct-error';
import { requireUnique } from '../validation/unique';

/** Properties of a local workspace. */
export interface LocalWorkspaceProps {
  /** @default - derived from the construct's path */
  readonly name?: string | undefined;
  /**
   * The registry's folder, relative to the working directory.
   * @default '.cdktf-brainwave/models', in the project's folder
   */
  readonly directory?: string | undefined;
}

const LOCAL_WORKSPACE_PROPS: KnownKeys<LocalWorkspaceProps> = { name: true, directory: true };

/**
 * A workspace on this machine: a model registry in a folder. A changed model becomes a new version, and a version is
 * never overwritten with different content.
 */
export class LocalWorkspace extends Construct implements IWorkspace {
  readonly workspaceName: string;
  /** The registry's folder, relative to the project's folder. */
  readonly directory: string;

  constructor(scope: Construct, id: string, props: LocalWorkspaceProps = {}) {
    super(scope, id);
    requireKnownProps(this, props, LOCAL_WORKSPACE_PROPS);
    this.workspaceName = props.name ?? nameFromPath(this);
    const { directory } = props;
    if (directory !== undefined) {
      requireKnown(this, 'directory', directory);
    }
    this.directory = directory === undefined ? new FolderLayout().models : projectPath(directory);
  }

  /** Declares the resources that register a model version in `scope`. `RegisteredModel` calls it. */
  registerModel(scope: Construct, registration: ModelRegistration): RegisteredModelLocation {
    const { name, version, sha256, path, tags } = registration;
    const registry = this.directory;
    requireUnique(
      scope,
      ['local model', name, registry],
      (other) =>
        `the model "${name}" is also registered in ${registry} by ${other.node.path}, so destroying one would remove the ` +
        'other; set another name for one of them, or a separate directory for its LocalWorkspace',
    );
    // Two resources, as in Azure ML: the model is removed with the stack, but a version stays when the next one is added.
    const removal = destroyStep('remove-model', { registry, name });
    const model = new TerraformData(scope, 'Model', {
      input: { ...removal.input },
      triggersReplace: { ...removal.input },
      provisioners: [removal.provisioner],
    });
    const specification: StepInput<'register-model'> = { registry, name, version, sha256, path, tags };
    const versionResource = new TerraformData(scope, 'Version', {
      triggersReplace: { model: model.id, specification: jsonTemplate(specification) },
      provisioners: [createStep('register-model', specification)],
      dependsOn: [model],
    });
    return { localRegistry: this.directory, dependable: versionResource, revision: versionResource.id };
  }
}
