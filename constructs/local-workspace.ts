import { DataResource } from 'cdktf';
import { Construct } from 'constructs';

import { projectPath } from './project-path';
import { createStep, destroyStep } from './provisioner-step';
import { nameFromPath } from './resource-name';
import type { IWorkspace, ModelRegistration, RegisteredModelLocation } from './workspace';

export interface LocalWorkspaceProps {
  /** @default - made of the construct's path */
  readonly name?: string;
  /**
   * The registry's folder, relative to the working directory.
   * @default '.cdktf-brainwave/models', in the project's folder
   */
  readonly directory?: string;
}

/**
 * A workspace on this machine: a model registry in a folder. A changed model is a new version beside the old,
 * and a version is never overwritten with other content.
 */
export class LocalWorkspace extends Construct implements IWorkspace {
  readonly workspaceName: string;
  /** The registry's folder, relative to the project's. */
  readonly directory: string;

  constructor(scope: Construct, id: string, props: LocalWorkspaceProps = {}) {
    super(scope, id);
    this.workspaceName = props.name ?? nameFromPath(this);
    this.directory =
      props.directory === undefined ? '.cdktf-brainwave/models' : projectPath(props.directory);
  }

  /** Declares, in `scope`, what registers a model version. `RegisteredModel` calls it. */
  registerModel(scope: Construct, registration: ModelRegistration): RegisteredModelLocation {
    // Two resources, as Azure ML has them: the model goes when the stack goes, a version stays beside the next.
    const model = new DataResource(scope, 'Model', {
      input: { registry: this.directory, name: registration.name },
      triggersReplace: { registry: this.directory, name: registration.name },
      provisioners: [destroyStep('remove-model')],
    });
    const { name, version, sha256, path, tags } = registration;
    const versionResource = new DataResource(scope, 'Version', {
      triggersReplace: { model: model.id, version, sha256, tags },
      provisioners: [
        createStep('register-model', { registry: this.directory, name, version, sha256, path, tags }),
      ],
      dependsOn: [model],
    });
    return { localRegistry: this.directory, dependable: versionResource, revision: versionResource.id };
  }
}
